/**
 * Versions on this machine: the registry's assignments come in, loaded replicas that calls can use
 * go out, and so do reports of what is loaded. A replica's state is a type, its transitions are
 * methods.
 */
@NullMarked
package dev.millrace.runtime.server.replica;

import org.jspecify.annotations.NullMarked;
