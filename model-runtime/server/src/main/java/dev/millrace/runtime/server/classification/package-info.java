/**
 * The protocol's extension {@code classification}: a tensor of scores comes in, the best classes of
 * each row leave as strings. Applied between computing and encoding, so that queue, batch and cache
 * see the tensor as it is.
 */
@NullMarked
package dev.millrace.runtime.server.classification;

import org.jspecify.annotations.NullMarked;
