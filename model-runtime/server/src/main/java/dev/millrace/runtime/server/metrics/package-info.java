/**
 * What the runtime counts and times, under the names operators rely on. Events of calls, batches
 * and replicas come in; Micrometer meters with bounded labels go out.
 */
@NullMarked
package dev.millrace.runtime.server.metrics;

import org.jspecify.annotations.NullMarked;
