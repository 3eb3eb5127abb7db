package dev.millrace.benchmarks.vitals;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Looks at a platform's process from outside: its metrics, {@code /proc}, and {@code jcmd}, by
 * which it asks for a full collection first, so that garbage does not count. Linux only. Not
 * thread-safe.
 */
public final class VitalSigns implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final double NANOS_A_MINUTE = 60e9;
  private static final int OK = 200;

  private final long pid;
  private final URI metrics;
  private final Path process;
  private final long startedAt = System.nanoTime();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * Looks at one process.
   *
   * @param management base URL of its metrics
   * @throws IOException when this system does not show what processes use
   */
  public VitalSigns(long pid, URI management) throws IOException {
    this.pid = pid;
    this.metrics = management.resolve("/q/metrics");
    this.process = Path.of("/proc", Long.toString(pid));
    if (!Files.isReadable(process.resolve("status"))) {
      throw new IOException(
          "this needs " + process + ", which Linux has, to see what a server uses");
    }
  }

  /** Collects garbage, then looks. */
  public Vitals look(long cycles) throws IOException, InterruptedException {
    collect();
    var request = HttpRequest.newBuilder(metrics).timeout(TIMEOUT).build();
    var answer = client.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != OK) {
      throw new IOException(metrics + " answered " + answer.statusCode());
    }
    var values = new MetricsText(answer.body());
    String status = Files.readString(process.resolve("status"), StandardCharsets.ISO_8859_1);
    return new Vitals(
        (System.nanoTime() - startedAt) / NANOS_A_MINUTE,
        cycles,
        values.sum("jvm_memory_used_bytes", "area=\"heap\""),
        1024 * field(status, "VmRSS:"),
        values.sum("jvm_buffer_memory_used_bytes", "id=\"direct\"")
            + values.sum("netty_allocator_memory_used", "memory_type=\"direct\""),
        values.sum("netty_allocator_memory_pinned", ""),
        openFiles(),
        field(status, "Threads:"));
  }

  private void collect() throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.run")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!jcmd.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS) || jcmd.exitValue() != 0) {
        throw new IOException("jcmd could not ask process " + pid + " to collect its garbage");
      }
    } finally {
      jcmd.destroyForcibly();
    }
  }

  private double openFiles() throws IOException {
    try (Stream<Path> files = Files.list(process.resolve("fd"))) {
      return files.count();
    }
  }

  /** The number in one line of {@code /proc/<pid>/status}. */
  static double field(String status, String name) throws IOException {
    return status
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow(() -> new IOException("the process has ended, or has no " + name));
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
