/** Models, versions, endpoints and assignments as plain Java; storage behind ports. */
@NullMarked
package dev.millrace.registry;

import org.jspecify.annotations.NullMarked;
