/**
 * Endpoints: what clients call. Specs enter and become numbered revisions; the traffic in force and
 * the sentence that says what an endpoint waits for leave.
 */
@NullMarked
package dev.millrace.registry.endpoint;

import org.jspecify.annotations.NullMarked;
