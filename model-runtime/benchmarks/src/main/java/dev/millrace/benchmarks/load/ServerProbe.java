package dev.millrace.benchmarks.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads what a process has used so far. Every value is empty when it cannot be known: the process
 * is on another machine, has ended, or the system does not tell.
 */
public final class ServerProbe {
  private final OptionalLong pid;

  private ServerProbe(OptionalLong pid) {
    this.pid = pid;
  }

  /** A process of this machine. */
  public static ServerProbe of(long pid) {
    return new ServerProbe(OptionalLong.of(pid));
  }

  /** A server of which nothing but its answers can be seen. */
  public static ServerProbe blind() {
    return new ServerProbe(OptionalLong.empty());
  }

  /** This process. */
  public static ServerProbe self() {
    return of(ProcessHandle.current().pid());
  }

  /** Processor time of all threads since the start, user and system. */
  public Optional<Duration> cpu() {
    return pid.isEmpty()
        ? Optional.empty()
        : ProcessHandle.of(pid.getAsLong()).flatMap(handle -> handle.info().totalCpuDuration());
  }

  /** Resident memory in bytes; known on Linux. */
  public OptionalLong residentBytes() {
    if (pid.isEmpty()) {
      return OptionalLong.empty();
    }
    Path status = Path.of("/proc", Long.toString(pid.getAsLong()), "status");
    if (!Files.isReadable(status)) {
      return OptionalLong.empty();
    }
    try {
      return residentBytes(Files.readString(status, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return OptionalLong.empty(); // the process ended meanwhile
    }
  }

  /** The {@code VmRSS} line of a {@code /proc/<pid>/status} file, which counts in KiB. */
  static OptionalLong residentBytes(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .findFirst();
  }
}
