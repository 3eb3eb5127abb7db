/**
 * Configuration at the edge: {@code millrace.runtime.*} and the keys shared with the other servers
 * come in, one validated immutable {@link dev.millrace.runtime.server.config.RuntimeOptions} goes
 * out.
 */
@NullMarked
package dev.millrace.runtime.server.config;

import org.jspecify.annotations.NullMarked;
