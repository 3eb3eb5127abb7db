package dev.millrace.runtime.engine.admission;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Checks where a model wants to read its weights from, before ONNX Runtime opens anything: each
 * external file must be a file of the version, by its plain name. The file is only mapped and
 * walked through, never built up in memory.
 */
final class ExternalData {
  private static final Pattern PLAIN = Pattern.compile("[^/\\\\:]+");

  private ExternalData() {}

  /**
   * Why the model must not be loaded; empty when nothing speaks against it.
   *
   * @throws IOException when the file cannot be read
   */
  static Optional<String> check(Path modelFile) throws IOException {
    Path absolute = modelFile.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null || !Files.isRegularFile(absolute)) {
      return Optional.of("the file " + modelFile.getFileName() + " does not exist");
    }
    try (FileChannel channel = FileChannel.open(absolute, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        return Optional.of(
            "the model file is larger than 2 GiB (expected: weights in external data files)");
      }
      ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      var walk = new OnnxWalk((tensor, location) -> refuse(folder, tensor, location));
      return walk.over(bytes);
    }
  }

  private static Optional<String> refuse(Path folder, String tensor, String location) {
    String what = "tensor '" + tensor + "' wants its data from '" + location + "'";
    if (!PLAIN.matcher(location).matches() || location.equals("..") || location.equals(".")) {
      return Optional.of(what + " (expected: the plain name of a file in the bundle)");
    }
    try {
      Path file = folder.resolve(location);
      if (!Files.isRegularFile(file)) {
        return Optional.of(what + ", which is not in the bundle");
      }
      if (!file.toRealPath().startsWith(folder.toRealPath())) {
        return Optional.of(what + ", which leads out of the bundle");
      }
      return Optional.empty();
    } catch (InvalidPathException | IOException unreadable) {
      return Optional.of(what + ", which cannot be read");
    }
  }
}
