package dev.millrace.runtime.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of one ONNX Runtime call. A single request whose buffer is direct, little-endian and
 * aligned is used where it lies; everything else is copied exactly once, into pooled direct memory.
 * Confined to one thread; close after the call.
 */
final class BatchInputs implements AutoCloseable {
  private final OrtEnvironment environment;
  private final DirectMemoryPool pool;
  private DirectMemoryPool.@Nullable Block blocks;

  /** A map of its own from the second tensor on: many models have a single input. */
  private Map<String, OnnxTensor> tensors = Map.of();

  private @Nullable OnnxTensor first;

  private BatchInputs(OrtEnvironment environment, DirectMemoryPool pool) {
    this.environment = environment;
    this.pool = pool;
  }

  /** The tensors of a single request. */
  static BatchInputs solo(OrtEnvironment environment, DirectMemoryPool pool, List<Tensor> tensors)
      throws OrtException {
    var inputs = new BatchInputs(environment, pool);
    try {
      for (int i = 0; i < tensors.size(); i++) {
        inputs.add(tensors.get(i));
      }
      return inputs;
    } catch (OrtException | RuntimeException failure) {
      inputs.close();
      throw failure;
    }
  }

  /**
   * The tensors of several requests of equal shape key, or of equal family key and then padded,
   * joined along the batch axis.
   */
  static BatchInputs joined(OrtEnvironment environment, DirectMemoryPool pool, JoinedBatch batch)
      throws OrtException {
    var inputs = new BatchInputs(environment, pool);
    try {
      for (int i = 0; i < batch.signature().inputs().size(); i++) {
        Integer axis = batch.signature().inputs().get(i).batchAxis();
        if (axis == null) {
          // Equal in all requests: their contents are part of the shape key.
          inputs.add(batch.requests().get(0).inputs().get(i));
        } else if (batch.pads(i)) {
          inputs.joinPadded(i, axis, batch);
        } else {
          inputs.join(i, axis, batch);
        }
      }
      return inputs;
    } catch (OrtException | RuntimeException failure) {
      inputs.close();
      throw failure;
    }
  }

  Map<String, OnnxTensor> tensors() {
    return tensors;
  }

  @Override
  public void close() {
    if (first != null && tensors.size() == 1) {
      first.close();
    } else {
      tensors.values().forEach(OnnxTensor::close);
    }
    DirectMemoryPool.Block.releaseAll(blocks);
  }

  private void add(Tensor tensor) throws OrtException {
    DataType type = tensor.datatype();
    if (type == DataType.BYTES) {
      put(tensor.name(), TensorBytes.strings(tensor), tensor.shape());
      return;
    }
    ByteBuffer data = tensor.data();
    if (!usableInPlace(data, type)) {
      ByteBuffer copy = acquire(data.remaining());
      copy.put(0, data, data.position(), data.remaining());
      data = copy;
    }
    put(tensor.name(), type, tensor.shape(), data);
  }

  private void joinPadded(int index, int axis, JoinedBatch joined) throws OrtException {
    Tensor first = joined.requests().get(0).inputs().get(index);
    long[] shape = joined.paddedShape(index, axis);
    int unit = first.datatype().byteSize();
    ByteBuffer batch = acquire(Strides.of(shape, axis, unit).size(joined.rows()));
    joined.fill(index, batch);
    long row = 0;
    for (ModelRequest request : joined.requests()) {
      Tensor tensor = request.inputs().get(index);
      ByteBuffer data = tensor.data();
      int start = data.position();
      Box.of(shape, tensor.shape(), axis, row, unit)
          .forEachRun((to, from, length) -> batch.put(to, data, start + from, length));
      row += request.rows();
    }
    put(first.name(), first.datatype(), shape, batch);
  }

  private void join(int index, int axis, JoinedBatch joined) throws OrtException {
    List<ModelRequest> requests = joined.requests();
    Tensor first = requests.get(0).inputs().get(index);
    long total = joined.rows();
    long[] shape = first.shape().clone();
    shape[axis] = total;
    boolean strings = first.datatype() == DataType.BYTES;
    Strides strides = Strides.of(shape, axis, strings ? 1 : first.datatype().byteSize());
    if (strings) {
      put(first.name(), joinStrings(index, requests, strides, total), shape);
      return;
    }
    ByteBuffer batch = acquire(strides.size(total));
    long row = 0;
    for (ModelRequest request : requests) {
      Tensor tensor = request.inputs().get(index);
      if (tensor.byteSize() != strides.size(request.rows())) {
        throw new IllegalArgumentException(
            "input '" + tensor.name() + "' differs in shape between requests of one batch");
      }
      strides.gather(tensor.data(), request.rows(), batch, row, total);
      row += request.rows();
    }
    put(first.name(), first.datatype(), shape, batch);
  }

  private static String[] joinStrings(
      int index, List<ModelRequest> requests, Strides strides, long total) {
    var batch = new String[Math.toIntExact(strides.size(total))];
    long row = 0;
    for (ModelRequest request : requests) {
      String[] elements = TensorBytes.strings(request.inputs().get(index));
      strides.gather(elements, request.rows(), batch, row, total);
      row += request.rows();
    }
    return batch;
  }

  private void put(String name, DataType type, long[] shape, ByteBuffer data) throws OrtException {
    put(name, OrtTypes.wrap(environment, type, shape, data));
  }

  private void put(String name, String[] strings, long[] shape) throws OrtException {
    put(name, OnnxTensor.createTensor(environment, strings, shape));
  }

  private void put(String name, OnnxTensor tensor) {
    if (tensors.isEmpty()) {
      tensors = Map.of(name, tensor);
      first = tensor;
      return;
    }
    if (tensors.size() == 1) {
      tensors = new LinkedHashMap<>(tensors);
    }
    if (tensors.putIfAbsent(name, tensor) != null) {
      tensor.close();
      throw new IllegalArgumentException("input '" + name + "' is given twice");
    }
  }

  private ByteBuffer acquire(long bytes) {
    DirectMemoryPool.Block block = pool.acquire(bytes);
    blocks = block.before(blocks);
    return block.buffer();
  }

  private static boolean usableInPlace(ByteBuffer data, DataType type) {
    return data.isDirect()
        && data.hasRemaining()
        && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
        && data.alignmentOffset(data.position(), type.byteSize()) == 0;
  }
}
