package dev.millrace.runtime.engine.admission;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * ONNX Runtime's libraries, unpacked once for all children: unpacking takes half a second each
 * time.
 *
 * <p>The command line tool unpacks them, too, for its start-up cache, by code of its own: it must
 * not have ONNX Runtime on its class path, and reads another program's jar where this class reads
 * its own. What both know is the layout of that jar, three lines, too little for a shared module.
 */
final class NativeLibraries {
  private static final String PROPERTY = "onnxruntime.native.path";
  private static final List<String> NAMES = List.of("onnxruntime", "onnxruntime4j_jni");

  private NativeLibraries() {}

  /** The folder that this process was told. */
  static Optional<Path> told() {
    return Optional.ofNullable(System.getProperty(PROPERTY))
        .map(told -> Path.of(told).toAbsolutePath());
  }

  /**
   * A folder with the libraries: the one this process was told, else one beneath {@code root},
   * filled on first use. Safe against other processes that do the same. Empty when the jar has none
   * for this machine where we look.
   */
  static Optional<Path> in(Path root) throws IOException {
    Optional<Path> told = told();
    if (told.isPresent()) {
      return told;
    }
    Path jar = ChildProgram.source(OrtEnvironment.class);
    Path folder = root.resolve("natives-" + jar.getFileName());
    if (Files.isDirectory(folder)) {
      return Optional.of(folder);
    }
    Files.createDirectories(root);
    Path unfinished = Files.createTempDirectory(root, "natives-");
    try {
      for (String name : NAMES) {
        String file = System.mapLibraryName(name);
        String resource = "/ai/onnxruntime/native/" + platform() + "/" + file;
        try (InputStream in = OrtEnvironment.class.getResourceAsStream(resource)) {
          if (in == null) {
            return Optional.empty();
          }
          Files.copy(in, unfinished.resolve(file));
        }
      }
      moveOnce(unfinished, folder);
      return Optional.of(folder);
    } finally {
      if (Files.isDirectory(unfinished)) {
        new ChildFiles(unfinished).remove();
      }
    }
  }

  private static void moveOnce(Path unfinished, Path folder) throws IOException {
    try {
      Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException somebodyWasFaster) {
      // The same files.
    }
  }

  /** As ONNX Runtime names its folders, for example {@code linux-x64}. */
  private static String platform() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String system = os.contains("mac") ? "osx" : os.contains("win") ? "win" : "linux";
    return system + "-" + (arch.equals("amd64") || arch.equals("x86_64") ? "x64" : arch);
  }
}
