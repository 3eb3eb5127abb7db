package dev.millrace.gateway.inspect;

import org.jspecify.annotations.Nullable;

/**
 * What a body says of where it wants to go.
 *
 * @param model the endpoint's name, as the client wrote it
 * @param version a version or alias; null when the body names none
 */
public record BodyTarget(String model, @Nullable String version) {}
