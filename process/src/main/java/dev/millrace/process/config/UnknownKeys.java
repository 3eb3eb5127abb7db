package dev.millrace.process.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tells mistyped keys from known ones. A process answers for the sections that its parts own and
 * for sections that nobody owns; a section of another server may stand in a file that all of them
 * read. Pure.
 */
final class UnknownKeys {
  private static final String PREFIX = "millrace.";

  /** Other servers' sections, and what only tests read. */
  private static final Set<String> OTHERS =
      Set.of(
          "millrace.registry",
          "millrace.runtime",
          "millrace.gateway",
          "millrace.standalone",
          "millrace.test",
          "millrace.fuzz");

  /** A typing error or two; a variable farther away was meant for something else. */
  private static final int NEAR = 2;

  private final TreeSet<String> known = new TreeSet<>();
  private final Set<String> owned = new HashSet<>();

  UnknownKeys(Collection<ConfigKeys> parts) {
    for (ConfigKeys part : parts) {
      known.addAll(part.defaults().keySet());
      owned.addAll(part.sections());
    }
  }

  /** Whether {@code key}, which may carry a profile in front, is a mistake. */
  boolean isUnknown(String key) {
    String bare = withoutProfile(key);
    return bare.startsWith(PREFIX) && !isKnown(bare) && !belongsToOthers(bare);
  }

  /** A sentence about an unknown key. */
  String describe(String key) {
    return "%s: unknown key (expected: one of this process's keys; nearest: %s)"
        .formatted(key, nearest(withoutProfile(key), known));
  }

  /**
   * The key that an environment variable was probably meant to set, when it sets none but is
   * written almost like one that would. Variables are never refused: orchestrators put their own
   * beside ours ({@code MILLRACE_GATEWAY_SERVICE_HOST}), and the command line has some.
   */
  Optional<String> meantBy(String variable) {
    if (!variable.startsWith("MILLRACE_")) {
      return Optional.empty();
    }
    List<String> variables = new ArrayList<>();
    for (String key : known) {
      variables.add(variable(key));
    }
    String nearest = nearest(variable, variables);
    int distance = distance(variable, nearest);
    return distance > 0 && distance <= NEAR ? Optional.of(nearest) : Optional.empty();
  }

  /** How a key is written as an environment variable. */
  static String variable(String key) {
    return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }

  private boolean isKnown(String key) {
    return known.contains(key)
        || known.stream()
            .filter(open -> open.endsWith(".*"))
            .anyMatch(open -> key.startsWith(open.substring(0, open.length() - 1)));
  }

  private boolean belongsToOthers(String key) {
    return OTHERS.stream()
        .anyMatch(section -> !owned.contains(section) && key.startsWith(section + "."));
  }

  private static String withoutProfile(String key) {
    return key.startsWith("%") ? key.substring(key.indexOf('.') + 1) : key;
  }

  private static String nearest(String name, Collection<String> names) {
    return names.stream()
        .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
        .orElse("none");
  }

  /** Levenshtein's: how many characters differ, are missing or too many. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
