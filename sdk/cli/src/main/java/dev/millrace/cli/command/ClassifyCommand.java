package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Terminal;
import dev.millrace.client.Classifications;
import dev.millrace.client.Millrace;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace classify NAME TEXT…}. */
@Command(
    name = "classify",
    description = "Says which labels a model gives to texts, the likeliest first.",
    footer = {"", "Example:", "  ./millrace classify mood 'what a fine day'"})
final class ClassifyCommand extends ClientCommand {
  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "An endpoint with the task classification and a tokenizer.")
  private String name = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "TEXT", description = "The texts.")
  private List<String> texts = List.of();

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "5",
      description = "Show the N likeliest labels (default: ${DEFAULT-VALUE}).")
  private int top = 5;

  ClassifyCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() {
    Classifications answer;
    try (Millrace millrace = connect()) {
      answer = millrace.classify(name, texts);
    }
    if (options().json()) {
      printJson(answer);
      return ExitCode.OK;
    }
    for (int i = 0; i < answer.texts().size(); i++) {
      say(texts.get(i));
      answer.texts().get(i).stream()
          .limit(top)
          .forEach(
              label -> say(String.format(Locale.ROOT, "  %.4f  %s", label.score(), label.label())));
    }
    return ExitCode.OK;
  }
}
