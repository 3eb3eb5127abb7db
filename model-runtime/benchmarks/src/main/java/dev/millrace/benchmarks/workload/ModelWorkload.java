package dev.millrace.benchmarks.workload;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Requests for a model that this build can be given to serve. */
public interface ModelWorkload extends Workload {
  /** Writes the file to upload into a folder, which may hold it already. */
  Path write(Path folder) throws IOException;

  /** What the endpoint asks for under {@code serving}; empty for the platform's defaults. */
  default Map<String, Object> serving() {
    return Map.of();
  }
}
