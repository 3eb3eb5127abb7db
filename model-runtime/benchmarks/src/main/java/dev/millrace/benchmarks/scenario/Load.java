package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.Workload;

/**
 * What is sent, how, by how many callers.
 *
 * @param callers connections of HTTP, calls in flight of gRPC; at least 1
 */
public record Load(Workload workload, Protocol protocol, int callers) {}
