package dev.millrace.runtime.engine;

import ai.onnxruntime.OrtException;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.engine.ModelExecutionException.Kind;
import java.util.ArrayList;
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
    var memory = new SharedBlocks(batch.requests().size());
    boolean done = false;
    try (var wanted = new WantedOutputs(names(batch))) {
      if (pin) {
        var shapes = new OutputShapes(signature, batch.longest().inputs(), batch.rows());
        for (int i = 0; i < wanted.size(); i++) {
          pin(i, wanted, shapes, memory);
        }
      }
      model.call(
          inputs.tensors(),
          wanted.unpinned(),
          wanted.pinned(),
          handle,
          result -> {
            for (String name : wanted.unpinned()) {
              wanted.put(name, OutputData.copyOf(output(name), result.get(name).orElseThrow()));
            }
            return wanted;
          });
      List<ModelResult> results = scatter(batch, wanted, memory);
      done = true;
      return results;
    } catch (OrtException failure) {
      throw new ModelExecutionException(Kind.FAILED, OrtMessages.clean(failure));
    } finally {
      if (!done) {
        memory.releaseAll();
      }
    }
  }

  /** Names of the outputs that any request of the batch asks for. */
  private static List<String> names(JoinedBatch batch) {
    List<ModelRequest> requests = batch.requests();
    List<String> first = requests.get(0).outputs();
    Set<String> all = null;
    for (int i = 1; i < requests.size(); i++) {
      // The same list, nearly always: that of all outputs.
      if (requests.get(i).outputs() != first) {
        all = all == null ? new LinkedHashSet<>(first) : all;
        all.addAll(requests.get(i).outputs());
      }
    }
    return all == null ? first : List.copyOf(all);
  }

  /** Prepares memory for one output, where its shape is known before the run. */
  private void pin(int index, WantedOutputs wanted, OutputShapes shapes, SharedBlocks memory)
      throws OrtException {
    TensorSignature output = output(wanted.name(index));
    long[] shape = OrtTypes.canWrap(output.datatype()) ? shapes.of(output).orElse(null) : null;
    if (shape == null) {
      return;
    }
    long bytes = Strides.of(shape, 0, output.datatype().byteSize()).inner();
    if (shape.length > 0) {
      bytes *= shape[0];
    }
    var buffer = memory.add(pool.acquire(bytes)).buffer();
    wanted.pin(
        index,
        OrtTypes.wrap(model.environment(), output.datatype(), shape, buffer),
        new OutputData.Numbers(output, shape, buffer));
  }

  private List<ModelResult> scatter(JoinedBatch batch, WantedOutputs wanted, SharedBlocks memory)
      throws ModelExecutionException {
    List<ModelRequest> requests = batch.requests();
    if (requests.size() == 1) {
      return List.of(new ModelResult(whole(requests.get(0), wanted), memory));
    }
    for (int i = 0; i < wanted.size(); i++) {
      OutputData output = wanted.data(wanted.name(i));
      OutputData.requireRows(output.signature(), output.shape(), batch.rows());
    }
    OutputData.Cutter cutter = bytes -> memory.add(pool.acquire(bytes)).buffer();
    var results = new ArrayList<ModelResult>(requests.size());
    long first = 0;
    for (int i = 0; i < requests.size(); i++) {
      ModelRequest request = requests.get(i);
      List<String> names = request.outputs();
      var tensors = new ArrayList<Tensor>(names.size());
      for (int j = 0; j < names.size(); j++) {
        OutputData output = wanted.data(names.get(j));
        tensors.add(batch.part(output, request, first, cutter));
      }
      results.add(new ModelResult(tensors, memory));
      first += request.rows();
    }
    return results;
  }

  private static List<Tensor> whole(ModelRequest request, WantedOutputs wanted) {
    List<String> names = request.outputs();
    if (names.size() == 1) {
      return List.of(wanted.data(names.get(0)).whole());
    }
    var tensors = new ArrayList<Tensor>(names.size());
    for (int i = 0; i < names.size(); i++) {
      tensors.add(wanted.data(names.get(i)).whole());
    }
    return tensors;
  }

  private TensorSignature output(String name) {
    TensorSignature output = outputs.get(name);
    if (output == null) {
      throw new IllegalArgumentException("the model has no output '" + name + "'");
    }
    return output;
  }
}
