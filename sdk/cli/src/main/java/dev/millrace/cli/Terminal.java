package dev.millrace.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * Where a command writes and what it may know of its surroundings; tests give their own.
 *
 * @param out results, for people and for pipes
 * @param err progress, hints and failures
 * @param environment the environment variables
 * @param interactive whether a person watches: only then progress is drawn in place
 */
public record Terminal(
    PrintWriter out, PrintWriter err, Map<String, String> environment, boolean interactive) {

  /** The process's own terminal. */
  public static Terminal ofProcess() {
    var console = System.console();
    return new Terminal(
        writer(System.out),
        writer(System.err),
        System.getenv(),
        console != null && console.isTerminal());
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  /** An environment variable, unless it is absent or empty. */
  public Optional<String> variable(String name) {
    String value = environment.get(name);
    return value == null || value.isBlank() ? Optional.empty() : Optional.of(value);
  }

  /** Whether colours are wanted: a terminal, and no {@code NO_COLOR} (https://no-color.org). */
  public boolean colors() {
    return interactive && variable("NO_COLOR").isEmpty() && !"dumb".equals(environment.get("TERM"));
  }

  /** Good news in green, where colours are wanted. */
  public String good(String text) {
    return paint("32", text);
  }

  /** Bad news in red, where colours are wanted. */
  public String bad(String text) {
    return paint("31", text);
  }

  /** What matters less, where colours are wanted. */
  public String faint(String text) {
    return paint("2", text);
  }

  private String paint(String code, String text) {
    return colors() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
