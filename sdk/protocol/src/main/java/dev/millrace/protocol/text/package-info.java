/** What error messages are made of: the word that somebody who mistyped one may have meant. */
@NullMarked
package dev.millrace.protocol.text;

import org.jspecify.annotations.NullMarked;
