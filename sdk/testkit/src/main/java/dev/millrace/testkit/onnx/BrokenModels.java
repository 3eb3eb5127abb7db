package dev.millrace.testkit.onnx;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Files that no platform can serve, each in its own way. The same arguments give the same bytes.
 */
public final class BrokenModels {
  private static final String BATCH = "batch";
  private static final int MOST_CHANGES = 8;

  private BrokenModels() {}

  /** All of them by name, in a fixed order. */
  public static Map<String, byte[]> all() {
    var all = new LinkedHashMap<String, byte[]>();
    all.put("notOnnx", TinyModels.notOnnx());
    all.put("empty", new byte[0]);
    all.put("truncated", truncated());
    all.put("noSuchOperator", TinyModels.brokenGraph());
    all.put("hugeDimensions", hugeDimensions());
    all.put("negativeDimension", negativeDimension());
    all.put("hugeAllocation", TinyModels.bigOutput(Integer.MAX_VALUE));
    all.put("cyclic", cyclic());
    all.put("wrongTypes", wrongTypes());
    all.put("absurdAttribute", absurdAttribute());
    all.put("missingValue", missingValue());
    all.put("noOutputs", noOutputs());
    all.put("deeplyNested", deeplyNested(2000));
    all.put("escapingExternalData", externalData("../outside.bin"));
    all.put("absoluteExternalData", externalData("/etc/hostname"));
    all.put("memoryAddress", externalData("*/_ORT_MEM_ADDR_/*"));
    return all;
  }

  /** The first half of a good file. */
  public static byte[] truncated() {
    byte[] whole = TinyModels.linear(4, 3);
    return java.util.Arrays.copyOf(whole, whole.length / 2);
  }

  /** A constant that claims 2⁶² rows and holds three numbers. */
  public static byte[] hugeDimensions() {
    return addition(OnnxTensorData.claiming("B", new float[] {1, 2, 3}, 1L << 62, 1L << 62));
  }

  /** A constant with a dimension below zero. */
  public static byte[] negativeDimension() {
    return addition(OnnxTensorData.claiming("B", new float[] {1, 2, 3}, -3, 4));
  }

  /** Its weights lie in another file: {@code location}, of 12 bytes. */
  public static byte[] externalData(String location) {
    return addition(OnnxTensorData.external("B", location, 1, 3));
  }

  /** Two operators that wait for each other. */
  public static byte[] cyclic() {
    return write(
        graph("cyclic")
            .node("Add", List.of("x", "right"), "left")
            .node("Add", List.of("x", "left"), "right")
            .node("Identity", List.of("left"), "y"));
  }

  /** A sum of numbers and booleans. */
  public static byte[] wrongTypes() {
    return write(
        graph("wrongTypes")
            .constant(OnnxTensorData.of(Tensors.bool("B", new boolean[] {true}, 1)))
            .node("Add", List.of("x", "B"), "y"));
  }

  /** A pooling window of 2⁴⁰ steps. */
  public static byte[] absurdAttribute() {
    return write(
        new OnnxGraph("absurd")
            .input("x", DataType.FP32, BATCH, "1", "8")
            .output("y", DataType.FP32, BATCH, "1", "8")
            .node(
                OnnxNode.of("MaxPool", List.of("x"), List.of("y"))
                    .attribute("kernel_shape", new long[] {1L << 40})
                    .attribute("strides", new long[] {-1})
                    .attribute("pads", new long[] {Long.MAX_VALUE, Long.MAX_VALUE})));
  }

  /** An operator whose input nobody makes. */
  public static byte[] missingValue() {
    return write(graph("missing").node("Add", List.of("x", "nowhere"), "y"));
  }

  /** A graph that gives nothing back. */
  public static byte[] noOutputs() {
    return write(
        new OnnxGraph("noOutputs")
            .input("x", DataType.FP32, BATCH, "4")
            .node("Identity", List.of("x"), "y"));
  }

  /** Conditions within conditions. */
  public static byte[] deeplyNested(int depth) {
    var inner =
        new OnnxGraph("leaf").output("z", DataType.FP32).node("Identity", List.of("x"), "z");
    for (int level = 0; level < depth; level++) {
      inner =
          new OnnxGraph("level")
              .output("z", DataType.FP32)
              .node(
                  OnnxNode.of("If", List.of("always"), List.of("z"))
                      .attribute("then_branch", inner));
    }
    return write(
        graph("nested")
            .constant(OnnxTensorData.of(Tensors.bool("always", new boolean[] {true})))
            .node(
                OnnxNode.of("If", List.of("always"), List.of("y"))
                    .attribute("then_branch", inner)));
  }

  /** The good small models that {@link #mutated} begins with. */
  public static int mutable() {
    return small().size();
  }

  private static List<Supplier<byte[]>> small() {
    return List.of(
        () -> TinyModels.linear(4, 3),
        () -> TinyModels.identity(DataType.FP32),
        () -> TinyModels.fixedBatch(),
        () -> TinyModels.slow(3),
        () -> TinyModels.bigOutput(3),
        () -> TinyModels.scalarInput(),
        () -> TinyModels.gatherEmbedding(3, 2));
  }

  /**
   * A good small model with one to eight bytes changed.
   *
   * @param model which one, from 0 to below {@link #mutable}
   * @param seed the same seed gives the same bytes
   */
  public static byte[] mutated(int model, long seed) {
    var random = new Random(31 * seed + model);
    byte[] bytes = small().get(model).get();
    // One change more often than not gets past the parser.
    int changes = random.nextBoolean() ? 1 : 1 + random.nextInt(MOST_CHANGES);
    for (int change = 0; change < changes; change++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  private static byte[] addition(OnnxTensorData constant) {
    return write(
        new OnnxGraph("addition")
            .input("x", DataType.FP32, BATCH, "3")
            .output("y", DataType.FP32, BATCH, "3")
            .constant(constant)
            .node("Add", List.of("x", "B"), "y"));
  }

  private static OnnxGraph graph(String name) {
    return new OnnxGraph(name)
        .input("x", DataType.FP32, BATCH, "4")
        .output("y", DataType.FP32, BATCH, "4");
  }

  private static byte[] write(OnnxGraph graph) {
    return new OnnxModelWriter().write(graph);
  }
}
