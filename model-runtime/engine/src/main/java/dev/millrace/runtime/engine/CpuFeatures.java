package dev.millrace.runtime.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this machine's processor can do, as far as it decides how ONNX Runtime lays out a graph. */
final class CpuFeatures {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private CpuFeatures() {}

  /**
   * Equal on machines that can share an optimized model. Where the system does not tell features,
   * the architecture alone.
   */
  static String fingerprint() {
    String features = System.getProperty("os.name") + "/" + System.getProperty("os.arch");
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return features
          + lines
              .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
              .findFirst()
              .map(line -> line.substring(line.indexOf(':') + 1))
              .orElse("");
    } catch (IOException | RuntimeException notLinux) {
      return features;
    }
  }
}
