package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Terminal;
import dev.millrace.client.Embeddings;
import dev.millrace.client.Millrace;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code millrace embed NAME TEXT…}. */
@Command(
    name = "embed",
    description = "Turns texts into vectors; with several, also says how similar they are.",
    footer = {
      "",
      "Example:",
      "  ./millrace embed minilm 'a cat sits on a mat' 'a kitten rests on a rug'"
    })
final class EmbedCommand extends ClientCommand {
  /** Enough numbers to see that a vector is one. */
  private static final int SHOWN = 6;

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "An endpoint with the task embedding.")
  private String name = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "TEXT", description = "The texts.")
  private List<String> texts = List.of();

  EmbedCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() {
    Embeddings embeddings;
    try (Millrace millrace = connect()) {
      embeddings = millrace.embeddings(name, texts);
    }
    if (options().json()) {
      printJson(embeddings);
      return ExitCode.OK;
    }
    List<float[]> vectors = embeddings.vectors();
    for (int i = 0; i < vectors.size(); i++) {
      say(texts.get(i));
      say("  " + shortened(vectors.get(i)));
      if (i > 0) {
        say(
            String.format(
                Locale.ROOT,
                "  cosine similarity to the first: %.4f",
                Embeddings.cosine(vectors.get(0), vectors.get(i))));
      }
    }
    return ExitCode.OK;
  }

  private static String shortened(float[] vector) {
    var numbers = new StringJoiner(", ", "[", vector.length > SHOWN ? ", …]" : "]");
    for (int i = 0; i < Math.min(SHOWN, vector.length); i++) {
      numbers.add(String.format(Locale.ROOT, "%.5f", vector[i]));
    }
    return numbers + " (" + vector.length + " numbers)";
  }
}
