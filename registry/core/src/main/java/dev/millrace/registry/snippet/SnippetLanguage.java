package dev.millrace.registry.snippet;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.model.NameRule;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The languages that snippets are written in. */
public enum SnippetLanguage {
  CURL("curl", "REST from a shell", "call.sh"),
  JAVA("java", "Java with the Millrace client", "CallEndpoint.java"),
  PYTHON("python", "Python with requests", "call.py"),
  GRPCURL("grpcurl", "gRPC from a shell", "call-grpc.sh");

  private final String word;
  private final String title;
  private final String file;

  SnippetLanguage(String word, String title, String file) {
    this.word = word;
    this.title = title;
    this.file = file;
  }

  /** How the language is written in documents and queries. */
  public String word() {
    return word;
  }

  /** A few words for people. */
  public String title() {
    return title;
  }

  /** A file name under which the code can be saved and run. */
  public String file() {
    return file;
  }

  /**
   * The language of that word.
   *
   * @throws MillraceException INVALID_ARGUMENT that names the ones there are
   */
  public static SnippetLanguage of(String word) {
    return Arrays.stream(values())
        .filter(it -> it.word.equals(word.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                MillraceException.of(
                    ErrorCode.INVALID_ARGUMENT,
                    "language: '%s' (expected: %s)",
                    NameRule.quoted(word),
                    Arrays.stream(values())
                        .map(SnippetLanguage::word)
                        .collect(Collectors.joining(", "))));
  }
}
