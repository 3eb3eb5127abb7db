package dev.millrace.protocol.control;

import java.time.Instant;

/**
 * An endpoint: what clients call.
 *
 * @param revision 1, 2, …; each change of the spec makes the next. It is the {@code ETag}
 * @param changedBy who made this revision
 */
public record EndpointDocument(
    String project,
    String name,
    long revision,
    EndpointSpec spec,
    EndpointStatus status,
    Instant changedAt,
    String changedBy) {}
