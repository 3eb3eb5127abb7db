/**
 * Where the bodies of calls wait until they are whole. The transports put the chunks in; the
 * inference handler reads them and says when nobody does any more.
 */
@NullMarked
package dev.millrace.runtime.server.body;

import org.jspecify.annotations.NullMarked;
