/**
 * What is counted and timed of each call, with bounded labels. Finished exchanges enter, meters
 * leave on the management port.
 */
@NullMarked
package dev.millrace.gateway.server.metrics;

import org.jspecify.annotations.NullMarked;
