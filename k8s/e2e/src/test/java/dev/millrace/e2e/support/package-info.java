/** Starts the built distribution in child JVMs, as a user would, and ends exactly those by pid. */
@NullMarked
package dev.millrace.e2e.support;

import org.jspecify.annotations.NullMarked;
