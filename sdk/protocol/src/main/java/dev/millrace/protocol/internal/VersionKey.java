package dev.millrace.protocol.internal;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Names one version in the whole platform; on the wire {@code project/model/version}. */
public record VersionKey(String project, String model, int version)
    implements Comparable<VersionKey> {

  /** Reads {@code project/model/version}. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static VersionKey parse(String text) {
    int first = text.indexOf('/');
    int last = text.lastIndexOf('/');
    if (first <= 0 || last <= first + 1) {
      throw new IllegalArgumentException(
          "version key '" + text + "' (expected: project/model/version)");
    }
    return new VersionKey(
        text.substring(0, first),
        text.substring(first + 1, last),
        Integer.parseInt(text.substring(last + 1)));
  }

  @Override
  public int compareTo(VersionKey other) {
    int byProject = project.compareTo(other.project);
    if (byProject != 0) {
      return byProject;
    }
    int byModel = model.compareTo(other.model);
    return byModel != 0 ? byModel : Integer.compare(version, other.version);
  }

  @Override
  @JsonValue
  public String toString() {
    return project + "/" + model + "/" + version;
  }
}
