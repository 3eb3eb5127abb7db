package dev.millrace.protocol.control;

import java.time.Instant;

/**
 * Something that happened to an endpoint or to a version of its model.
 *
 * @param sequence grows by at least 1 an event; the SSE {@code id}
 * @param type a fixed word: {@code VersionUploaded}, {@code VersionReady}, {@code VersionRejected},
 *     {@code EndpointChanged}, {@code TrafficSwitched}, …
 * @param message a sentence for a person
 */
public record EventDocument(
    long sequence, Instant at, String project, String subject, String type, String message) {}
