package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Terminal;
import dev.millrace.protocol.control.SnippetsDocument;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace snippets NAME}. */
@Command(
    name = "snippets",
    description = "Shows how to call an endpoint, with its tensors and values that work.",
    footer = {
      "",
      "The code takes the key from MILLRACE_API_KEY. One language can be run as it is:",
      "  ./millrace snippets linear --language curl | sh"
    })
final class SnippetsCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The endpoint.")
  private String name = "";

  @Option(
      names = "--language",
      paramLabel = "LANGUAGE",
      description = "curl, java, python or grpcurl; all when absent.")
  private @Nullable String language;

  SnippetsCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() {
    var wanted = language == null ? "" : language.toLowerCase(Locale.ROOT);
    SnippetsDocument document = ask(control -> control.snippets(name, wanted));
    if (options().json()) {
      printJson(document);
    } else if (language != null) {
      document.snippets().forEach(it -> say(it.code().stripTrailing()));
    } else {
      print(document);
    }
    return ExitCode.OK;
  }

  private void print(SnippetsDocument document) {
    say(document.endpoint() + " version " + document.version() + " at " + document.url());
    for (var snippet : document.snippets()) {
      say("");
      say(terminal().faint("── " + snippet.title() + " (" + snippet.file() + ")"));
      say("");
      say(snippet.code().stripTrailing());
    }
  }
}
