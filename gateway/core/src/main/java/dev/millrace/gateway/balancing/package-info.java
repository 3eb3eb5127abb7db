/**
 * Which of several replicas takes a call: candidates come in, a token goes out whose close reports
 * how the call went.
 */
@NullMarked
package dev.millrace.gateway.balancing;

import org.jspecify.annotations.NullMarked;
