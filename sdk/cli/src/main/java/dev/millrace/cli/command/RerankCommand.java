package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Terminal;
import dev.millrace.client.Millrace;
import dev.millrace.client.Ranking;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace rerank NAME QUERY DOCUMENT…}. */
@Command(
    name = "rerank",
    description = "Sorts documents by their relevance to a query.",
    footer = {
      "",
      "Example:",
      "  ./millrace rerank minilm 'what turns the wheel?' 'bananas are yellow' 'the river does'"
    })
final class RerankCommand extends ClientCommand {
  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "An endpoint with the task rerank or embedding.")
  private String name = "";

  @Parameters(index = "1", paramLabel = "QUERY", description = "What is looked for.")
  private String query = "";

  @Parameters(
      index = "2..*",
      arity = "1..*",
      paramLabel = "DOCUMENT",
      description = "The documents.")
  private List<String> documents = List.of();

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Show only the N most relevant documents.")
  private int top = Integer.MAX_VALUE;

  RerankCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() {
    Ranking ranking;
    try (Millrace millrace = connect()) {
      ranking = millrace.rerank(name, query, documents, Math.min(top, documents.size()));
    }
    if (options().json()) {
      printJson(ranking);
      return ExitCode.OK;
    }
    for (Ranking.Result result : ranking.results()) {
      say(String.format(Locale.ROOT, "%8.4f  %s", result.score(), documents.get(result.index())));
    }
    return ExitCode.OK;
  }
}
