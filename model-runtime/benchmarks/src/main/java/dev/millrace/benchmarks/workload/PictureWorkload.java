package dev.millrace.benchmarks.workload;

import dev.millrace.benchmarks.wire.Exchange;
import dev.millrace.benchmarks.workload.InferMessage.Input;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.testkit.onnx.OnnxGraph;
import dev.millrace.testkit.onnx.OnnxModelWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A picture of 3×224×224 FP32 a request, answered with the mean of each channel: a large message
 * and little to compute, so that reading the message is measured.
 */
public final class PictureWorkload implements ModelWorkload {
  private static final int CHANNELS = 3;
  private static final int SIDE = 224;
  private static final int PIXELS = SIDE * SIDE;
  private static final float WHITE = 255f;

  /** Enough that an answer mixed up with a neighbour's is noticed; each is 1.6 MB of JSON. */
  private static final int PICTURES = 8;

  private static final long SEED = 20_260_106L;

  @Override
  public String model() {
    return "bench-picture";
  }

  @Override
  public List<Exchange> exchanges(Protocol protocol, String model) {
    var random = new Random(SEED);
    return IntStream.range(0, PICTURES)
        .mapToObj(number -> exchange(protocol, model, picture(random, number)))
        .toList();
  }

  /** Bytes of a picture scaled to 0..1; pictures differ in brightness, so that their means do. */
  private static float[] picture(Random random, int number) {
    var picture = new float[CHANNELS * PIXELS];
    for (int i = 0; i < picture.length; i++) {
      picture[i] = random.nextInt(32 * number + 31) / WHITE;
    }
    return picture;
  }

  private static Exchange exchange(Protocol protocol, String model, float[] picture) {
    var data = ByteBuffer.allocate(picture.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(picture);
    var json = new StringBuilder();
    for (float pixel : picture) {
      json.append(json.isEmpty() ? "" : ",").append(pixel);
    }
    var shape = List.of(1L, (long) CHANNELS, (long) SIDE, (long) SIDE);
    var input = new Input("x", "FP32", shape, data, json.toString());
    return InferMessage.encode(
        protocol, model, List.of(input), Answers.equalTo(protocol, means(picture)));
  }

  private static float[] means(float[] picture) {
    var means = new float[CHANNELS];
    for (int channel = 0; channel < CHANNELS; channel++) {
      double sum = 0;
      for (int i = 0; i < PIXELS; i++) {
        sum += picture[channel * PIXELS + i];
      }
      means[channel] = (float) (sum / PIXELS);
    }
    return means;
  }

  @Override
  public Path write(Path folder) throws IOException {
    String side = Integer.toString(SIDE);
    var graph =
        new OnnxGraph("channelMeans")
            .input("x", DataType.FP32, "batch", Integer.toString(CHANNELS), side, side)
            .output("y", DataType.FP32, "batch", Integer.toString(CHANNELS), "1", "1")
            .node("GlobalAveragePool", List.of("x"), "y");
    return Files.write(folder.resolve("picture.onnx"), new OnnxModelWriter().write(graph));
  }
}
