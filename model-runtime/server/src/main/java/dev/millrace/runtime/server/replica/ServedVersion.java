package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;

/**
 * What can be told of a version that this runtime serves, in memory or not. Immutable.
 *
 * @param version as the registry describes it
 * @param signature inputs and outputs as the session says; as the registry says before there was
 *     one
 * @param serving how it is served
 * @param labels how many classes the bundle names; 0 when none, and before it was first loaded
 */
public record ServedVersion(
    VersionEntry version, Signature signature, ServingOptions serving, int labels) {}
