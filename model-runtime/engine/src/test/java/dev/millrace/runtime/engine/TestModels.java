package dev.millrace.runtime.engine;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One engine for all tests of the module, and short ways to models and tensors. */
public final class TestModels {
  public static final OnnxEngine ENGINE = OnnxEngine.start(EngineOptions.DEFAULT);

  private TestModels() {}

  public static OnnxModel load(byte[] onnx) throws ModelLoadException {
    Path file = write(onnx);
    try {
      return ENGINE.load(file, SessionSettings.DEFAULT);
    } finally {
      delete(file);
    }
  }

  public static Path write(byte[] onnx) {
    try {
      return Files.write(Files.createTempFile("millrace-secret-folder", ".onnx"), onnx);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  static ModelRequest request(Signature signature, Tensor... tensors) {
    return InputCheck.of(signature).check(List.of(tensors), List.of());
  }

  static Tensor floats(String name, long[] shape, float... values) {
    return floats(name, shape, ByteBuffer.allocate(values.length * 4), values);
  }

  static Tensor directFloats(String name, long[] shape, float... values) {
    return floats(name, shape, ByteBuffer.allocateDirect(values.length * 4), values);
  }

  static Tensor longs(String name, long[] shape, long... values) {
    ByteBuffer data = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    data.asLongBuffer().put(values);
    return new Tensor(name, DataType.INT64, shape, data);
  }

  static Tensor strings(String name, long[] shape, String... values) {
    return new Tensor(name, DataType.BYTES, shape, TensorBytes.ofStrings(values));
  }

  public static float[] floats(Tensor tensor) {
    var values = new float[tensor.byteSize() / 4];
    tensor.data().asFloatBuffer().get(values);
    return values;
  }

  static byte[] bytes(Tensor tensor) {
    var bytes = new byte[tensor.byteSize()];
    tensor.data().get(bytes);
    return bytes;
  }

  static long[] shape(long... dimensions) {
    return dimensions;
  }

  private static Tensor floats(String name, long[] shape, ByteBuffer data, float... values) {
    data.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return new Tensor(name, DataType.FP32, shape, data);
  }
}
