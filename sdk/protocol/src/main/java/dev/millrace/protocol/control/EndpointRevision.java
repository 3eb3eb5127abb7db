package dev.millrace.protocol.control;

import java.time.Instant;

/** One past or present spec of an endpoint. */
public record EndpointRevision(
    long revision, EndpointSpec spec, Instant changedAt, String changedBy, String reason) {}
