/**
 * Bundles as users upload them: bytes of files come in, tar archives go out, hostile ones too; and
 * the real sentence model that tests and benchmarks share.
 */
@NullMarked
package dev.millrace.testkit.bundle;

import org.jspecify.annotations.NullMarked;
