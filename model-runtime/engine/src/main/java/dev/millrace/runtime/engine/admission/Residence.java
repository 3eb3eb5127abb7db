package dev.millrace.runtime.engine.admission;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory a process holds, as the kernel counts it. */
final class Residence {
  private static final String FIELD = "VmRSS:";

  private Residence() {}

  /** Resident bytes of this process; 0 where the system does not tell. */
  static long bytes() {
    return read(Path.of("/proc/self/status"));
  }

  /** Resident bytes of another process; 0 when it is gone or the system does not tell. */
  static long bytes(long pid) {
    return read(Path.of("/proc", Long.toString(pid), "status"));
  }

  private static long read(Path status) {
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith(FIELD)) {
          String kibibytes = line.substring(FIELD.length()).replace("kB", "").strip();
          return Long.parseLong(kibibytes) << 10;
        }
      }
    } catch (IOException | NumberFormatException notLinux) {
      return 0;
    }
    return 0;
  }
}
