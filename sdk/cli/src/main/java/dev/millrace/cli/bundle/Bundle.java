package dev.millrace.cli.bundle;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The file to upload: the user's own file when it is one already, or a temporary tar of several
 * files. Closing it removes what was made, never what was given.
 */
public final class Bundle implements AutoCloseable {
  private final Path file;
  private final boolean temporary;

  private Bundle(Path file, boolean temporary) {
    this.file = file;
    this.temporary = temporary;
  }

  /** The file to upload. */
  public Path file() {
    return file;
  }

  /**
   * Chooses or makes the file to upload.
   *
   * @param model an {@code .onnx} file, a {@code .tar} bundle, or a folder with a bundle's files
   * @param extras more files by their name in the bundle; with any, {@code model} is an ONNX file
   *     that becomes {@code model.onnx}
   * @throws MillraceException NOT_FOUND when a file does not exist, INVALID_ARGUMENT when it cannot
   *     be packed
   */
  public static Bundle of(Path model, Map<String, Path> extras) {
    if (!Files.exists(model)) {
      throw MillraceException.of(ErrorCode.NOT_FOUND, "file '%s' does not exist", model);
    }
    extras.values().forEach(Bundle::requireFile);
    if (Files.isDirectory(model)) {
      var entries = filesOf(model);
      entries.putAll(extras);
      return pack(entries, Map.of());
    }
    if (extras.isEmpty()) {
      return new Bundle(model, false);
    }
    if (model.toString().endsWith(".tar")) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "'%s' is a bundle already; pack %s into it, or give the .onnx file",
          model,
          extras.keySet());
    }
    var entries = new TreeMap<>(extras);
    entries.put("model.onnx", model);
    return pack(entries, Map.of());
  }

  /** Packs files and texts, each under its name in the bundle. */
  public static Bundle pack(Map<String, Path> files, Map<String, String> texts) {
    Path tar;
    try {
      tar = Files.createTempFile("millrace-bundle", ".tar");
    } catch (IOException full) {
      throw unpackable(full);
    }
    var bundle = new Bundle(tar, true);
    try (var writer =
        new UstarWriter(new BufferedOutputStream(Files.newOutputStream(tar), 1 << 16))) {
      // The manifest first: a reader of the stream then knows what the rest is.
      for (Map.Entry<String, String> text : texts.entrySet()) {
        byte[] bytes = text.getValue().getBytes(StandardCharsets.UTF_8);
        writer.file(text.getKey(), bytes.length, new ByteArrayInputStream(bytes));
      }
      for (Map.Entry<String, Path> entry : new TreeMap<>(files).entrySet()) {
        try (InputStream content = Files.newInputStream(entry.getValue())) {
          writer.file(entry.getKey(), Files.size(entry.getValue()), content);
        }
      }
      return bundle;
    } catch (IOException unreadable) {
      bundle.close();
      throw unpackable(unreadable);
    }
  }

  private static MillraceException unpackable(IOException why) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT, "the bundle cannot be packed: %s", why.getMessage());
  }

  private static void requireFile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw MillraceException.of(ErrorCode.NOT_FOUND, "file '%s' does not exist", file);
    }
  }

  /** The plain, visible files directly inside a folder. */
  private static TreeMap<String, Path> filesOf(Path folder) {
    var entries = new TreeMap<String, Path>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .forEach(file -> entries.put(file.getFileName().toString(), file));
    } catch (IOException unreadable) {
      throw unpackable(unreadable);
    }
    if (entries.keySet().stream().noneMatch(name -> name.endsWith(".onnx"))) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "folder '%s' has no .onnx file (expected: model.onnx, and for text tasks tokenizer.json"
              + " and millrace.yaml)",
          folder);
    }
    return entries;
  }

  @Override
  public void close() {
    if (temporary) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException leftBehind) {
        file.toFile().deleteOnExit();
      }
    }
  }
}
