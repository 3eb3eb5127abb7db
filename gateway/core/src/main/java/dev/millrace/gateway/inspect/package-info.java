/**
 * Finds the endpoint's name where it stands in the body: a bounded prefix of bytes comes in, names
 * go out. Tensors are never materialised.
 */
@NullMarked
package dev.millrace.gateway.inspect;

import org.jspecify.annotations.NullMarked;
