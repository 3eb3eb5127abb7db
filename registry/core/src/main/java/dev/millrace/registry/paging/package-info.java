/** Pages of lists: how a caller asks for one, and how the next is named. */
@NullMarked
package dev.millrace.registry.paging;

import org.jspecify.annotations.NullMarked;
