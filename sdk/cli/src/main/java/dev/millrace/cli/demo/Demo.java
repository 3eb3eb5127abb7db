package dev.millrace.cli.demo;

import dev.millrace.cli.Deployment;
import dev.millrace.cli.Progress;
import dev.millrace.cli.ServerFile;
import dev.millrace.cli.Terminal;
import dev.millrace.cli.bundle.Bundle;
import dev.millrace.client.Credentials;
import dev.millrace.client.Embeddings;
import dev.millrace.client.InferResult;
import dev.millrace.client.Millrace;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What the demo does with a platform that runs: deploys a real model through the public API, calls
 * it over HTTP and gRPC, and prints what came out and how to go on.
 */
final class Demo {
  private static final List<String> SENTENCES =
      List.of("A cat sits on the mat.", "A kitten rests on the rug.");

  /** "[CLS] hello world [SEP]" in this model's vocabulary. */
  private static final long[] TOKENS = {101, 7592, 2088, 102};

  private static final int WIDTH = 384;
  private static final Duration DEPLOY = Duration.ofMinutes(5);

  /** Calls before the one that is timed: the first ones run interpreted code. */
  private static final int WARM_UP = 20;

  private final Terminal terminal;
  private final Progress progress;

  Demo(Terminal terminal) {
    this.terminal = terminal;
    this.progress = new Progress(terminal);
  }

  Progress progress() {
    return progress;
  }

  /** Fetches and deploys the model, then calls it. */
  void run(ServerFile server, Path home) throws InterruptedException {
    String key =
        server
            .key()
            .orElseThrow(
                () ->
                    MillraceException.of(
                        ErrorCode.UNAUTHENTICATED,
                        "the key file %s cannot be read",
                        server.keyFile()));
    try (Millrace millrace = Millrace.connect(server.url(), Credentials.apiKey(key))) {
      deploy(millrace, home);
      embed(millrace);
      tensors(millrace);
    }
    showTheWayOn(server);
  }

  private void deploy(Millrace millrace, Path home) throws InterruptedException {
    long start = System.nanoTime();
    try (Bundle bundle =
        DemoModel.fetch(
            home,
            terminal.environment(),
            (done, total) ->
                progress.bytes("fetching all-MiniLM-L6-v2", done, Math.max(done, total)))) {
      progress.clear();
      done("model fetched (" + DemoModel.COORDINATES + ")", start);
      start = System.nanoTime();
      var deployment = new Deployment(millrace.control(), progress, DemoModel.NAME);
      VersionDocument version = deployment.upload(bundle.file());
      deployment.switchTo(version.version());
      done("uploaded as version " + version.version() + " of '" + DemoModel.NAME + "'", start);
      start = System.nanoTime();
      deployment.awaitReady(version.version(), DEPLOY);
      deployment.awaitServing(DEPLOY);
      progress.clear();
      done("validated, loaded and serving", start);
    }
  }

  private void embed(Millrace millrace) {
    for (int i = 0; i < WARM_UP; i++) {
      millrace.embeddings(DemoModel.NAME, SENTENCES);
    }
    long start = System.nanoTime();
    Embeddings embeddings = millrace.embeddings(DemoModel.NAME, SENTENCES);
    done("HTTP  /v1/embeddings: two sentences, " + embeddings.promptTokens() + " tokens", start);
    double similarity = Embeddings.cosine(embeddings.vectors().get(0), embeddings.vectors().get(1));
    for (String sentence : SENTENCES) {
      terminal.out().println("        \"" + sentence + "\"");
    }
    terminal
        .out()
        .println(
            String.format(
                Locale.ROOT, "      similarity (cosine): %s", terminal.good(format(similarity))));
    if (!(similarity > 0.3 && similarity <= 1.0001)) {
      throw MillraceException.of(
          ErrorCode.INTERNAL,
          "the similarity %s is not what this model says of these sentences (expected: 0.3 to 1)",
          format(similarity));
    }
  }

  private static String format(double similarity) {
    return String.format(Locale.ROOT, "%.4f", similarity);
  }

  private void tensors(Millrace millrace) {
    var ones = new long[TOKENS.length];
    Arrays.fill(ones, 1);
    long tokens = TOKENS.length;
    var endpoint = millrace.endpoint(DemoModel.NAME);
    var inputs =
        new dev.millrace.protocol.tensor.Tensor[] {
          Tensors.int64("input_ids", TOKENS, 1, tokens),
          Tensors.int64("attention_mask", ones, 1, tokens),
          Tensors.int64("token_type_ids", new long[TOKENS.length], 1, tokens)
        };
    for (int i = 0; i < WARM_UP; i++) {
      endpoint.infer(inputs);
    }
    long start = System.nanoTime();
    InferResult result = endpoint.infer(inputs);
    var output = result.outputs().get(0);
    done(
        "gRPC  ModelInfer: INT64[1,"
            + tokens
            + "] × 3 → "
            + output.name()
            + " "
            + output.datatype()
            + Arrays.toString(output.shape()).replace(" ", ""),
        start);
    if (output.elementCount() != tokens * WIDTH) {
      throw MillraceException.of(
          ErrorCode.INTERNAL, "the answer has %d values", output.elementCount());
    }
  }

  /** One finished step with its time. */
  void done(String what, long startNanos) {
    Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
    String time =
        took.toMillis() < 1000
            ? String.format(Locale.ROOT, "%.1f ms", took.toNanos() / 1e6)
            : String.format(Locale.ROOT, "%.1f s", took.toMillis() / 1e3);
    terminal.out().println("  " + terminal.good("✓") + " " + what + "  " + terminal.faint(time));
  }

  private void showTheWayOn(ServerFile server) {
    String url = server.url();
    var out = terminal.out();
    out.println();
    out.println("Go on with curl:");
    out.println("  KEY=$(cat '" + server.keyFile() + "')");
    out.println("  curl -s " + url + "/v1/embeddings -H \"Authorization: Bearer $KEY\" \\");
    out.println(
        "    -H 'Content-Type: application/json' -d '{\"model\":\"minilm\",\"input\":\"hello"
            + " world\"}'");
    out.println("  curl -s " + url + "/v2/models/minilm -H \"Authorization: Bearer $KEY\"");
    out.println(
        "  curl -s " + url + "/v2/models/minilm/infer -H \"Authorization: Bearer $KEY\" -d \\");
    out.println(
        "    '{\"inputs\":[{\"name\":\"input_ids\",\"shape\":[1,4],\"datatype\":\"INT64\",\"data\":[101,7592,2088,102]},");
    out.println(
        "      {\"name\":\"attention_mask\",\"shape\":[1,4],\"datatype\":\"INT64\",\"data\":[1,1,1,1]},");
    out.println(
        "      {\"name\":\"token_type_ids\",\"shape\":[1,4],\"datatype\":\"INT64\",\"data\":[0,0,0,0]}]}'");
    out.println();
    out.println("Or with this command:");
    out.println("  ./millrace embed minilm 'hello world' 'hi there' --url " + url);
    out.println("  ./millrace status minilm --url " + url);
    out.println();
    out.println("  HTTP and gRPC  " + url);
    if (server.managementUrl() != null) {
      out.println("  metrics        " + server.managementUrl() + "/q/metrics");
    }
  }
}
