/**
 * The control API over HTTP ({@code /api/v1}). Requests of authenticated callers enter; documents
 * and error bodies leave. Nothing is decided here.
 */
@NullMarked
package dev.millrace.registry.server.rest;

import org.jspecify.annotations.NullMarked;
