package dev.millrace.registry.placement;

import dev.millrace.protocol.internal.VersionKey;

/** A version that some runtime of a pool must hold, or must judge. */
public record Need(String pool, VersionKey version) {}
