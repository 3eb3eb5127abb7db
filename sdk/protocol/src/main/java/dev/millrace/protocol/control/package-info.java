/**
 * The documents of the control API ({@code /api/v1}): one shape for the REST body, the file of
 * {@code millrace apply} and the custom resource. Plain records that Jackson maps; names on the
 * wire are the component names.
 */
@NullMarked
package dev.millrace.protocol.control;

import org.jspecify.annotations.NullMarked;
