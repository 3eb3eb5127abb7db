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

/**
 * Executes requests of equal shape key as one ONNX Runtime call.
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
  private final Map<String, TensorSignature> outputs = new LinkedHashMap<>();
  private volatile Pinning pinning = Pinning.UNPROVEN;

  /** A runner for that model; the caller keeps owning the model. */
  public BatchRunner(OnnxModel model, DirectMemoryPool pool) {
    this.model = model;
    this.pool = pool;
    this.signature = model.signature();
    signature.outputs().forEach(output -> outputs.put(output.name(), output));
  }

  /**
   * One result per request, in order; the caller closes each.
   *
   * @param requests made by {@link InputCheck} for this model's signature, with equal shape keys;
   *     at least one, and exactly one for a model without a batch axis
   * @throws ModelExecutionException when the call fails; no request has a result then
   */
  public List<ModelResult> execute(List<ModelRequest> requests) throws ModelExecutionException {
    if (requests.isEmpty() || (requests.size() > 1 && !signature.batchable())) {
      throw new IllegalArgumentException(
          requests.size() + " requests (expected: 1, or more for a model with a batch axis)");
    }
    boolean pin = pinning != Pinning.REFUSED;
    try (BatchInputs inputs = gather(requests)) {
      try {
        List<ModelResult> results = run(inputs, requests, pin);
        if (pinning == Pinning.UNPROVEN) {
          pinning = Pinning.WORKS;
        }
        return results;
      } catch (ModelExecutionException failure) {
        if (!pin || !pinningMayBeAtFault(failure)) {
          throw failure;
        }
      }
      List<ModelResult> results = run(inputs, requests, false);
      pinning = Pinning.REFUSED;
      return results;
    } catch (OrtException failure) {
      throw new ModelExecutionException(Kind.FAILED, OrtMessages.clean(failure));
    }
  }

  private boolean pinningMayBeAtFault(ModelExecutionException failure) {
    // After a success only a message about our buffers says that the shape was another this time.
    return failure.kind() != Kind.CLOSED
        && (pinning == Pinning.UNPROVEN
            || String.valueOf(failure.getMessage()).contains("re-use buffer"));
  }

  private BatchInputs gather(List<ModelRequest> requests) throws OrtException {
    return requests.size() == 1
        ? BatchInputs.solo(model.environment(), pool, requests.get(0).inputs())
        : BatchInputs.joined(model.environment(), pool, signature.inputs(), requests);
  }

  private List<ModelResult> run(BatchInputs inputs, List<ModelRequest> requests, boolean pin)
      throws ModelExecutionException {
    long rows = 0;
    Set<String> copied = new LinkedHashSet<>();
    for (ModelRequest request : requests) {
      rows += request.rows();
      copied.addAll(request.outputs());
    }
    var memory = new SharedBlocks(requests.size());
    var data = new HashMap<String, OutputData>();
    var pinned = new HashMap<String, OnnxTensor>();
    boolean done = false;
    try {
      if (pin) {
        var shapes = new OutputShapes(signature, requests.get(0).inputs(), rows);
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
          result -> {
            for (String name : copied) {
              data.put(name, OutputData.copyOf(output(name), result.get(name).orElseThrow()));
            }
            return data;
          });
      List<ModelResult> results = scatter(requests, rows, data, memory);
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
      List<ModelRequest> requests, long rows, Map<String, OutputData> data, SharedBlocks memory)
      throws ModelExecutionException {
    boolean alone = requests.size() == 1;
    if (!alone) {
      for (OutputData output : data.values()) {
        OutputData.requireRows(output.signature(), output.shape(), rows);
      }
    }
    var results = new ArrayList<ModelResult>(requests.size());
    long first = 0;
    for (ModelRequest request : requests) {
      var tensors = new ArrayList<Tensor>(request.outputs().size());
      for (String name : request.outputs()) {
        OutputData output = data.get(name);
        if (output == null) {
          throw new IllegalStateException("output '" + name + "' was not computed");
        }
        tensors.add(
            alone
                ? output.whole()
                : output.part(
                    first,
                    request.rows(),
                    rows,
                    bytes -> memory.add(pool.acquire(bytes)).buffer()));
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
