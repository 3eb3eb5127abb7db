package dev.millrace.runtime.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import ai.onnxruntime.OrtSession;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One loaded model. Thread-safe: calls may run side by side, each on the calling thread, which it
 * pins (platform threads, please). {@link #close()} waits for running calls; later ones fail with
 * CLOSED.
 */
public final class OnnxModel implements AutoCloseable {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Signature signature;
  private final DirectMemoryPool memory;
  private final Consumer<OnnxModel> onClose;
  private final ReadWriteLock use = new ReentrantReadWriteLock();
  private final RunOptionsPool runOptions = new RunOptionsPool();
  private boolean closed;

  OnnxModel(
      OrtEnvironment environment,
      OrtSession session,
      Signature signature,
      DirectMemoryPool memory,
      Consumer<OnnxModel> onClose) {
    this.environment = environment;
    this.session = session;
    this.signature = signature;
    this.memory = memory;
    this.onClose = onClose;
  }

  /** Inputs and outputs as the session tells them, with batch axes by the shared rule. */
  public Signature signature() {
    return signature;
  }

  /**
   * Runs the model once on these inputs, without a batch. Outputs are copies that the caller owns.
   *
   * @param inputs in any order; a direct buffer is used without a copy
   * @param outputNames the outputs to compute, in the order to return; at least one
   * @throws ModelExecutionException when ONNX Runtime refuses the inputs or fails
   */
  public List<Tensor> run(List<Tensor> inputs, List<String> outputNames)
      throws ModelExecutionException {
    try (BatchInputs gathered = BatchInputs.solo(environment, memory, inputs)) {
      return call(
          gathered.tensors(),
          new LinkedHashSet<>(outputNames),
          Map.of(),
          null,
          result -> {
            var outputs = new ArrayList<Tensor>(outputNames.size());
            for (String name : outputNames) {
              outputs.add(OutputData.copyOf(wanted(name), result.get(name).orElseThrow()).whole());
            }
            return outputs;
          });
    } catch (OrtException failure) {
      throw failed(failure);
    }
  }

  /**
   * Runs the model once and tells how much comes out, without copying it: what is too large for an
   * answer is too large for a copy.
   *
   * @param inputs as for {@link #run}
   * @return bytes of all these outputs together
   * @throws ModelExecutionException when ONNX Runtime refuses the inputs or fails
   */
  public long outputBytes(List<Tensor> inputs, List<String> outputNames)
      throws ModelExecutionException {
    try (BatchInputs gathered = BatchInputs.solo(environment, memory, inputs)) {
      return call(
          gathered.tensors(),
          new LinkedHashSet<>(outputNames),
          Map.of(),
          null,
          result -> {
            long bytes = 0;
            for (String name : outputNames) {
              bytes += OutputData.bytesOf(wanted(name), result.get(name).orElseThrow());
            }
            return bytes;
          });
    } catch (OrtException failure) {
      throw failed(failure);
    }
  }

  private TensorSignature wanted(String output) {
    return signature
        .output(output)
        .orElseThrow(() -> new IllegalArgumentException("no output '" + output + "'"));
  }

  OrtEnvironment environment() {
    return environment;
  }

  /**
   * One raw call; the result is valid until {@code reader} returns.
   *
   * @param handle stops it from another thread; null when nobody will
   */
  <T> T call(
      Map<String, OnnxTensor> inputs,
      Set<String> unpinned,
      Map<String, OnnxTensor> pinned,
      @Nullable RunHandle handle,
      ResultReader<T> reader)
      throws ModelExecutionException {
    use.readLock().lock();
    try {
      if (closed) {
        throw new ModelExecutionException(
            ModelExecutionException.Kind.CLOSED, "the model has been unloaded");
      }
      try (OrtSession.Result result = run(inputs, unpinned, pinned, handle)) {
        return reader.read(result);
      }
    } catch (OrtException failure) {
      throw handle != null && handle.cancelled() ? RunHandle.cancellation() : failed(failure);
    } finally {
      use.readLock().unlock();
    }
  }

  private OrtSession.Result run(
      Map<String, OnnxTensor> inputs,
      Set<String> unpinned,
      Map<String, OnnxTensor> pinned,
      @Nullable RunHandle handle)
      throws OrtException, ModelExecutionException {
    if (handle == null) {
      return session.run(inputs, unpinned, pinned);
    }
    OrtSession.RunOptions options = runOptions.acquire();
    try {
      handle.begin(options);
      try {
        return session.run(inputs, unpinned, pinned, options);
      } finally {
        handle.end();
      }
    } finally {
      runOptions.release(options);
    }
  }

  /** Waits for running calls, then frees the session; later calls do nothing. */
  @Override
  public void close() {
    use.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      runOptions.close();
      session.close();
    } catch (OrtException failure) {
      throw new IllegalStateException(OrtMessages.clean(failure), failure);
    } finally {
      use.writeLock().unlock();
      onClose.accept(this);
    }
  }

  private static ModelExecutionException failed(OrtException failure) {
    return new ModelExecutionException(
        failure.getCode() == OrtErrorCode.ORT_INVALID_ARGUMENT
            ? ModelExecutionException.Kind.INVALID_INPUT
            : ModelExecutionException.Kind.FAILED,
        OrtMessages.clean(failure));
  }

  /** Reads a result before it is closed. */
  @FunctionalInterface
  interface ResultReader<T> {
    T read(OrtSession.Result result) throws OrtException, ModelExecutionException;
  }
}
