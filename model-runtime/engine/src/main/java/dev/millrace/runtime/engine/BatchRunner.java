package dev.millrace.runtime.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.engine.ModelExecutionException.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Executes requests of equal shape key, or of equal family key with padding, as one ONNX Runtime
 * call.
 *
 * <p>Each request's bytes are copied once on the way in (not at all for a single request in a
 * direct buffer). Outputs whose shape the signature tells are written by ONNX Runtime into pooled
 * direct memory, and each request gets slices of it; others are copied once to the heap. A model
 * whose outputs do not keep to its signature is found out by its first failure and served by copies
 * from then on.
 *
 * <p>Thread-safe; one per loaded model.
 */
public final class BatchRunner {
  /** Whether outputs may be written into our memory: known after the first successful run. */
  private enum Pinning {
    UNPROVEN,
    WORKS,
    REFUSED
  }

  private final OnnxModel model;
  private final DirectMemoryPool pool;
  private final Signature signature;
  private final @Nullable PaddingPlan padding;
  private final Map<String, TensorSignature> outputs = new LinkedHashMap<>();
  private volatile Pinning pinning = Pinning.UNPROVEN;

  /** A runner for that model; the caller keeps owning the model. */
  public BatchRunner(OnnxModel model, DirectMemoryPool pool) {
    this(model, pool, null);
  }

  /**
   * The same for requests of different length.
   *
   * @param padding the plan that their {@link InputCheck} was made with
   */
  public BatchRunner(OnnxModel model, DirectMemoryPool pool, @Nullable PaddingPlan padding) {
    this.model = model;
    this.padding = padding;
    this.pool = pool;
    this.signature = model.signature();
    signature.outputs().forEach(output -> outputs.put(output.name(), output));
  }

  /**
   * One result per request, in order; the caller closes each.
   *
   * @param requests made by {@link InputCheck} for this model's signature, with equal shape keys or
   *     (with a padding plan) family keys; at least one, and exactly one for a model without a
   *     batch axis
   * @throws ModelExecutionException when the call fails; no request has a result then
   */
  public List<ModelResult> execute(List<ModelRequest> requests) throws ModelExecutionException {
    return execute(requests, null);
  }

  /**
   * The same under a handle by which another thread can stop it.
   *
   * @throws ModelExecutionException also with CANCELLED, at once or between two operators, when
   *     {@code handle} has been cancelled
   */
  public List<ModelResult> execute(List<ModelRequest> requests, @Nullable RunHandle handle)
      throws ModelExecutionException {
    if (requests.isEmpty() || (requests.size() > 1 && !signature.batchable())) {
      throw new IllegalArgumentException(
          requests.size() + " requests (expected: 1, or more for a model with a batch axis)");
    }
    boolean pin = pinning != Pinning.REFUSED;
    var batch = new JoinedBatch(signature, requests, padding);
    try (BatchInputs inputs = gather(batch)) {
      try {
        List<ModelResult> results = run(inputs, batch, pin, handle);
        if (pinning == Pinning.UNPROVEN) {
          pinning = Pinning.WORKS;
        }
        return results;
      } catch (ModelExecutionException failure) {
        if (!pin || !pinningMayBeAtFault(failure)) {
          throw failure;
        }
      }
      List<ModelResult> results = run(inputs, batch, false, handle);
      pinning = Pinning.REFUSED;
      return results;
    } catch (OrtException failure) {
      throw new ModelExecutionException(Kind.FAILED, OrtMessages.clean(failure));
    }
  }

  private boolean pinningMayBeAtFault(ModelExecutionException failure) {
    // After a success only a message about our buffers says that the shape was another this time.
    return failure.kind() != Kind.CLOSED
        && failure.kind() != Kind.CANCELLED
        && (pinning == Pinning.UNPROVEN
            || String.valueOf(failure.getMessage()).contains("re-use buffer"));
  }

  private BatchInputs gather(JoinedBatch batch) throws OrtException {
    return batch.requests().size() == 1
        ? BatchInputs.solo(model.environment(), pool, batch.requests().get(0).inputs())
        : BatchInputs.joined(model.environment(), pool, batch);
  }

  private List<ModelResult> run(
      BatchInputs inputs, JoinedBatch batch, boolean pin, @Nullable RunHandle handle)
      throws ModelExecutionException {
    List<ModelRequest> requests = batch.requests();
    Set<String> copied = new LinkedHashSet<>();
    for (ModelRequest request : requests) {
      copied.addAll(request.outputs());
    }
    var memory = new SharedBlocks(requests.size());
    var data = new HashMap<String, OutputData>();
    var pinned = new HashMap<String, OnnxTensor>();
    boolean done = false;
    try {
      if (pin) {
        var shapes = new OutputShapes(signature, batch.longest().inputs(), batch.rows());
        for (String name : List.copyOf(copied)) {
          if (pin(name, shapes, memory, data, pinned)) {
            copied.remove(name);
          }
        }
      }
      model.call(
          inputs.tensors(),
          copied,
          pinned,
          handle,
          result -> {
            for (String name : copied) {
              data.put(name, OutputData.copyOf(output(name), result.get(name).orElseThrow()));
            }
            return data;
          });
      List<ModelResult> results = scatter(batch, data, memory);
      done = true;
      return results;
    } catch (OrtException failure) {
      throw new ModelExecutionException(Kind.FAILED, OrtMessages.clean(failure));
    } finally {
      pinned.values().forEach(OnnxTensor::close);
      if (!done) {
        memory.releaseAll();
      }
    }
  }

  /** Prepares memory for one output; false when its shape is not known before the run. */
  private boolean pin(
      String name,
      OutputShapes shapes,
      SharedBlocks memory,
      Map<String, OutputData> data,
      Map<String, OnnxTensor> pinned)
      throws OrtException {
    TensorSignature output = output(name);
    long[] shape = OrtTypes.canWrap(output.datatype()) ? shapes.of(output).orElse(null) : null;
    if (shape == null) {
      return false;
    }
    long bytes = Strides.of(shape, 0, output.datatype().byteSize()).inner();
    if (shape.length > 0) {
      bytes *= shape[0];
    }
    var buffer = memory.add(pool.acquire(bytes)).buffer();
    pinned.put(name, OrtTypes.wrap(model.environment(), output.datatype(), shape, buffer));
    data.put(name, new OutputData.Numbers(output, shape, buffer));
    return true;
  }

  private List<ModelResult> scatter(
      JoinedBatch batch, Map<String, OutputData> data, SharedBlocks memory)
      throws ModelExecutionException {
    List<ModelRequest> requests = batch.requests();
    boolean alone = requests.size() == 1;
    if (!alone) {
      for (OutputData output : data.values()) {
        OutputData.requireRows(output.signature(), output.shape(), batch.rows());
      }
    }
    OutputData.Cutter cutter = bytes -> memory.add(pool.acquire(bytes)).buffer();
    var results = new ArrayList<ModelResult>(requests.size());
    long first = 0;
    for (ModelRequest request : requests) {
      var tensors = new ArrayList<Tensor>(request.outputs().size());
      for (String name : request.outputs()) {
        OutputData output = data.get(name);
        if (output == null) {
          throw new IllegalStateException("output '" + name + "' was not computed");
        }
        tensors.add(alone ? output.whole() : batch.part(output, request, first, cutter));
      }
      results.add(new ModelResult(List.copyOf(tensors), memory));
      first += request.rows();
    }
    return results;
  }

  private TensorSignature output(String name) {
    TensorSignature output = outputs.get(name);
    if (output == null) {
      throw new IllegalArgumentException("the model has no output '" + name + "'");
    }
    return output;
  }
}
