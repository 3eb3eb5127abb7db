/**
 * The port to durable files, addressed by their SHA-256. Bytes enter through a staged blob and
 * become visible all at once; they leave as streams.
 */
@NullMarked
package dev.millrace.registry.artifact;

import org.jspecify.annotations.NullMarked;
