package dev.millrace.benchmarks.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the numbers come from. Absolute figures of two machines cannot be compared; ratios can,
 * with care.
 *
 * @param os name and version of the operating system
 * @param arch processor architecture
 * @param cpu model of the processor; empty when the system does not tell
 * @param cores processors that a JVM sees
 * @param memoryMiB main memory
 * @param java version of the JVM
 * @param loadAverage of the last minute when the run began: what else kept the machine busy;
 *     negative when the system does not tell
 */
public record Machine(
    String os,
    String arch,
    String cpu,
    int cores,
    long memoryMiB,
    String java,
    double loadAverage) {
  private static final double BUSY_SHARE = 0.5;
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** This machine. */
  public static Machine here() {
    return new Machine(
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("os.arch"),
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        mainMemory(),
        Runtime.version().toString(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  /** Whether other programs take so much of this machine that its figures mean little. */
  @JsonIgnore
  public boolean busy() {
    return loadAverage > cores * BUSY_SHARE;
  }

  private static long mainMemory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize() >> 20
        : 0;
  }

  private static String cpuModel() {
    if (!Files.isReadable(CPU_INFO)) {
      return "";
    }
    try {
      return Files.readString(CPU_INFO, StandardCharsets.ISO_8859_1)
          .lines()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }
}
