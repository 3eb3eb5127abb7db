package dev.millrace.gateway.routing;

import java.util.List;

/**
 * The versions of a project's endpoints, by name and number.
 *
 * @param leftOut how many more there are than an answer takes
 */
public record RepositoryIndex(List<IndexEntry> entries, int leftOut) {
  /** With the longest names and reasons still under the 4 MiB that gRPC clients take at most. */
  public static final int MOST_ENTRIES = 10_000;

  public RepositoryIndex {
    entries = List.copyOf(entries);
  }
}
