package dev.millrace.benchmarks.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.millrace.protocol.control.ControlJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything that one run measured.
 *
 * @param machine where
 * @param commit of which sources; {@code unknown} outside of a checkout
 * @param results one for each scenario, in the order they ran
 */
public record Report(Machine machine, String commit, List<Result> results) {
  private static final ObjectMapper JSON =
      ControlJson.strict().copy().enable(SerializationFeature.INDENT_OUTPUT);

  /** Writes the report as JSON, making the folder when it is missing. */
  public void write(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    JSON.writeValue(file.toFile(), this);
  }

  /** Whether every result can be believed. Speed plays no part in it. */
  @JsonIgnore
  public boolean sane() {
    return !results.isEmpty() && results.stream().allMatch(Result::sane);
  }
}
