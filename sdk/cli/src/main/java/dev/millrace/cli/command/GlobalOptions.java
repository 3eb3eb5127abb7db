package dev.millrace.cli.command;

import dev.millrace.cli.Target;
import dev.millrace.cli.Terminal;
import dev.millrace.client.ClientOptions;
import dev.millrace.client.Millrace;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What every command takes: which server, as whom, and how to print. */
final class GlobalOptions {
  /** How results are printed. */
  enum Format {
    TABLE,
    JSON
  }

  @Option(
      names = "--url",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description = "The platform's address (or: MILLRACE_URL).")
  private @Nullable String url;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      scope = ScopeType.INHERIT,
      description = "Short for --url http://127.0.0.1:PORT.")
  private @Nullable Integer port;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      scope = ScopeType.INHERIT,
      description =
          "API key (or: MILLRACE_API_KEY); found by itself for a platform of yours on this machine.")
  private @Nullable String key;

  @Option(
      names = "--output",
      paramLabel = "FORMAT",
      scope = ScopeType.INHERIT,
      description = "table (default) or json.")
  private Format output = Format.TABLE;

  @Option(names = "--json", scope = ScopeType.INHERIT, description = "Short for --output json.")
  private boolean json;

  boolean json() {
    return json || output == Format.JSON;
  }

  @Nullable Integer port() {
    return port;
  }

  Target target(Terminal terminal) {
    return Target.find(terminal, url, port, key);
  }

  Millrace connect(Terminal terminal, ClientOptions options) {
    Target target = target(terminal);
    return Millrace.connect(target.url(), target.credentials(), options);
  }
}
