package dev.millrace.cli.maven;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;

/** Which artifact: {@code group:artifact:version}, a jar. */
public record Coordinates(String group, String artifact, String version) {
  /**
   * Reads {@code group:artifact:version}.
   *
   * @throws MillraceException INVALID_ARGUMENT when it is anything else
   */
  public static Coordinates parse(String text) {
    String[] parts = text.strip().split(":", -1);
    boolean complete = parts.length == 3;
    for (String part : parts) {
      complete &= part.matches("[A-Za-z0-9_.+-]+");
    }
    if (!complete) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "'%s' are no Maven coordinates (expected: group:artifact:version)",
          text);
    }
    return new Coordinates(parts[0], parts[1], parts[2]);
  }

  @Override
  public String toString() {
    return group + ":" + artifact + ":" + version;
  }
}
