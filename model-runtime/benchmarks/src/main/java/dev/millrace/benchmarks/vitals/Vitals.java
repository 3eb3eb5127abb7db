package dev.millrace.benchmarks.vitals;

/**
 * What a platform's process holds at one moment.
 *
 * @param minutes since the first look
 * @param cycles loads and unloads until then
 * @param heapBytes of the Java heap in use, after a full collection
 * @param residentBytes memory of the process, all of it
 * @param directBytes memory outside the heap that Java and Netty account for
 * @param pinnedBytes the part of Netty's pools that buffers in use hold
 * @param files open files and sockets
 * @param threads of the process, native ones too
 */
public record Vitals(
    double minutes,
    long cycles,
    double heapBytes,
    double residentBytes,
    double directBytes,
    double pinnedBytes,
    double files,
    double threads) {}
