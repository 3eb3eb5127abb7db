package dev.millrace.protocol.control;

/**
 * A movable label on a version: the body and the answer of {@code PUT
 * /api/v1/models/{m}/aliases/{a}}.
 *
 * @param revision grows with each move; the {@code ETag}. Ignored in a request
 */
public record AliasDocument(String alias, int version, long revision) {}
