/**
 * Artifacts on this machine: digests come in, verified files go out. Bytes are fetched through
 * {@link dev.millrace.runtime.server.artifact.ArtifactSource} once and kept under their content's
 * name.
 */
@NullMarked
package dev.millrace.runtime.server.artifact;

import org.jspecify.annotations.NullMarked;
