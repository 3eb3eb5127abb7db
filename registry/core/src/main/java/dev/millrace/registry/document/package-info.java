/** Documents that people write: read strictly, with errors that name the nearest known field. */
@NullMarked
package dev.millrace.registry.document;

import org.jspecify.annotations.NullMarked;
