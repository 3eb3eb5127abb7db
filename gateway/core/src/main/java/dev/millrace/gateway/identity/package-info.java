/**
 * Who calls and what they may do: the {@code Authorization} header comes in, an {@link
 * dev.millrace.gateway.identity.Identity} or a failure goes out.
 */
@NullMarked
package dev.millrace.gateway.identity;

import org.jspecify.annotations.NullMarked;
