/**
 * What every server of the platform does before it routes a request: one whose target is no URI is
 * refused here in the form of all errors; any other goes on as it came.
 */
@NullMarked
package dev.millrace.process.http;

import org.jspecify.annotations.NullMarked;
