package dev.millrace.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A run of the command line with its output caught; no terminal, a home of its own. */
record CapturedRun(int status, String out, String err) {
  static CapturedRun of(Path home, Map<String, String> environment, String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    var variables = new HashMap<>(environment);
    variables.putIfAbsent("HOME", home.toString());
    int status =
        Main.run(
            new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), variables, false),
            arguments);
    return new CapturedRun(status, out.toString(), err.toString());
  }
}
