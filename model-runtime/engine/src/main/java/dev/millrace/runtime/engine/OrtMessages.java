package dev.millrace.runtime.engine;

import ai.onnxruntime.OrtException;
import java.util.regex.Pattern;

/** ONNX Runtime's messages without what only its authors or this machine's owner can use. Pure. */
final class OrtMessages {
  private static final Pattern CODE = Pattern.compile("^Error code - \\w+ - message: ");

  /** For example {@code /onnxruntime_src/core/a.cc:12 onnxruntime::Status Foo::Bar(int)}. */
  private static final Pattern SOURCE =
      Pattern.compile(
          "(?:\\b[A-Za-z]:)?[/\\\\][^\\s:]*\\.(?:cc|h|cpp|hpp):\\d+\\s+[^\\n]*?\\)(?: const)?(?=\\s)\\s*");

  private static final Pattern FOLDERS =
      Pattern.compile("(?:\\b[A-Za-z]:)?(?:[/\\\\][^\\s/\\\\:'\"]+)+[/\\\\]");
  private static final Pattern SPACES = Pattern.compile("\\s+");
  private static final int MAX_LENGTH = 1_000;

  private OrtMessages() {}

  /** The reason on one line, at most 1,000 characters. */
  static String clean(OrtException failure) {
    String message = String.valueOf(failure.getMessage());
    message = CODE.matcher(message).replaceFirst("");
    message = SOURCE.matcher(message).replaceAll("");
    message = FOLDERS.matcher(message).replaceAll("");
    message = SPACES.matcher(message).replaceAll(" ").strip();
    if (message.isEmpty()) {
      message = failure.getCode().toString();
    }
    return message.length() <= MAX_LENGTH ? message : message.substring(0, MAX_LENGTH) + "…";
  }
}
