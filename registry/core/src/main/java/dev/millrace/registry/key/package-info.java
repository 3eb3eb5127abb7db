/** Credentials: made once, kept as salted hashes. */
@NullMarked
package dev.millrace.registry.key;

import org.jspecify.annotations.NullMarked;
