package dev.millrace.benchmarks.baseline;

import dev.millrace.benchmarks.workload.MiniLm;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.engine.EngineOptions;
import dev.millrace.runtime.engine.OnnxEngine;
import dev.millrace.runtime.engine.OnnxModel;
import dev.millrace.runtime.engine.SessionSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Runs MiniLM as fast as it goes: one thread that calls, the engine's default threads that compute.
 * Each command is a line {@code batch tokens milliseconds}; a fifth of the time warms up.
 */
final class OnnxLoop {
  private static final List<String> OUTPUTS = List.of("last_hidden_state");
  private static final double WARM_UP_SHARE = 0.2;
  private static final long SEED = 1;

  private OnnxLoop() {}

  static void run(Path model, InputStream commands, PrintStream answers) throws Exception {
    try (var engine = OnnxEngine.start(EngineOptions.DEFAULT);
        var loaded = engine.load(model, SessionSettings.DEFAULT);
        var lines = new BufferedReader(new InputStreamReader(commands, StandardCharsets.UTF_8))) {
      answers.println(BaselineMain.READY + 0);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", -1);
        var window = Duration.ofMillis(Long.parseLong(words[2]));
        double rate = rate(loaded, Integer.parseInt(words[0]), Integer.parseInt(words[1]), window);
        answers.println(BaselineMain.RATE + rate);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the bare loop lost its input", e);
    }
  }

  private static double rate(OnnxModel model, int batch, int tokens, Duration window)
      throws Exception {
    List<Tensor> inputs = inputs(batch, tokens);
    long warmUp = (long) (window.toNanos() * WARM_UP_SHARE);
    runFor(model, inputs, warmUp);
    long start = System.nanoTime();
    long runs = runFor(model, inputs, window.toNanos() - warmUp);
    return runs * (double) batch * 1e9 / (System.nanoTime() - start);
  }

  private static long runFor(OnnxModel model, List<Tensor> inputs, long nanos) throws Exception {
    long end = System.nanoTime() + nanos;
    long runs = 0;
    do {
      model.run(inputs, OUTPUTS);
      runs++;
    } while (System.nanoTime() - end < 0);
    return runs;
  }

  private static List<Tensor> inputs(int batch, int tokens) {
    var random = new Random(SEED);
    List<ByteBuffer> data = new ArrayList<>();
    for (int i = 0; i < MiniLm.INPUT_NAMES.size(); i++) {
      data.add(
          ByteBuffer.allocateDirect(batch * tokens * Long.BYTES).order(ByteOrder.nativeOrder()));
    }
    LongBuffer ids = data.get(0).asLongBuffer();
    LongBuffer mask = data.get(1).asLongBuffer();
    for (int row = 0; row < batch; row++) {
      for (long id : MiniLm.sentence(random, tokens)) {
        ids.put(id);
        mask.put(1);
      }
    }
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      inputs.add(
          new Tensor(
              MiniLm.INPUT_NAMES.get(i), DataType.INT64, new long[] {batch, tokens}, data.get(i)));
    }
    return inputs;
  }
}
