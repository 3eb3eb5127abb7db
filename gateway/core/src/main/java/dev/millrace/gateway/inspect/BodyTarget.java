package dev.millrace.gateway.inspect;

import org.jspecify.annotations.Nullable;

/**
 * What a body says of where it wants to go.
 *
 * @param model the endpoint's name, as the client wrote it
 * @param version a version or alias; null when the body names none
 * @param sequence the sequence to which the call belongs; null when it belongs to none, or nobody
 *     asked
 */
public record BodyTarget(String model, @Nullable String version, @Nullable String sequence) {}
