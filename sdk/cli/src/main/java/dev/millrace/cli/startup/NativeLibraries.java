package dev.millrace.cli.startup;

import dev.millrace.cli.platform.TemporaryFolders;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Unpacks ONNX Runtime's libraries for this machine, which it would else do at each start. */
final class NativeLibraries {
  private NativeLibraries() {}

  /**
   * Replaces {@code folder} by the libraries in the distribution's ONNX Runtime jar.
   *
   * @param lib the distribution's library folder, searched with its subfolders
   * @throws MillraceException INTERNAL when there is no such jar, or none for this machine
   */
  static void unpack(Path lib, Path folder) {
    try {
      TemporaryFolders.delete(folder);
      Files.createDirectories(folder);
      try (var jar = new ZipFile(find(lib).toFile())) {
        String prefix = "ai/onnxruntime/native/" + platform() + "/";
        List<? extends ZipEntry> libraries =
            jar.stream().filter(entry -> isLibrary(entry, prefix)).toList();
        if (libraries.isEmpty()) {
          throw MillraceException.of(
              ErrorCode.INTERNAL, "ONNX Runtime has no libraries for %s", platform());
        }
        for (ZipEntry library : libraries) {
          try (InputStream content = jar.getInputStream(library)) {
            Files.copy(
                content,
                folder.resolve(library.getName().substring(prefix.length())),
                StandardCopyOption.REPLACE_EXISTING);
          }
        }
      }
    } catch (IOException failure) {
      throw MillraceException.of(
          ErrorCode.INTERNAL, "ONNX Runtime's libraries cannot be unpacked: %s", failure);
    }
  }

  /** Direct children only: debug symbols lie deeper. */
  private static boolean isLibrary(ZipEntry entry, String prefix) {
    String name = entry.getName();
    return !entry.isDirectory()
        && name.startsWith(prefix)
        && name.indexOf('/', prefix.length()) < 0
        && !name.contains("..");
  }

  private static Path find(Path lib) throws IOException {
    try (Stream<Path> files = Files.walk(lib, 2)) {
      return files
          .filter(
              file -> String.valueOf(file.getFileName()).startsWith("com.microsoft.onnxruntime."))
          .filter(file -> file.toString().endsWith(".jar"))
          .findFirst()
          .orElseThrow(
              () ->
                  MillraceException.of(
                      ErrorCode.INTERNAL, "there is no ONNX Runtime below '%s'", lib));
    }
  }

  /** As ONNX Runtime names this machine: {@code linux-x64}, {@code osx-aarch64}, … */
  private static String platform() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String system = os.contains("mac") ? "osx" : os.contains("win") ? "win" : "linux";
    return system + "-" + (arch.equals("amd64") || arch.equals("x86_64") ? "x64" : arch);
  }
}
