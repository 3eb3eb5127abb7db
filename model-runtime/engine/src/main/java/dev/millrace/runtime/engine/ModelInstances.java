package dev.millrace.runtime.engine;

import dev.millrace.protocol.control.Signature;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one loaded version. Each thread that executes keeps to one of them: with as many
 * dispatcher threads as instances, every session has one thread of its own, which CUDA needs to
 * keep its memory bounded and the caches like.
 *
 * <p>Thread-safe. Owns the sessions; {@link #close()} waits for running calls.
 */
public final class ModelInstances implements AutoCloseable {
  private final List<OnnxModel> models;
  private final DirectMemoryPool memory;

  private ModelInstances(List<OnnxModel> models, DirectMemoryPool memory) {
    this.models = models;
    this.memory = memory;
  }

  /**
   * Loads as many sessions as the settings ask for; blocks.
   *
   * @param digest of the model's content, by which its optimized graph is kept; null keeps none
   * @throws ModelLoadException when one of them cannot be made; none stays then
   */
  public static ModelInstances load(
      OnnxEngine engine, Path modelFile, SessionSettings settings, @Nullable String digest)
      throws ModelLoadException {
    var models = new ArrayList<OnnxModel>(settings.instances());
    try {
      for (int i = 0; i < settings.instances(); i++) {
        models.add(engine.load(modelFile, settings, digest));
      }
    } catch (ModelLoadException | RuntimeException failure) {
      models.forEach(OnnxModel::close);
      throw failure;
    }
    return new ModelInstances(List.copyOf(models), engine.memory());
  }

  /** Inputs and outputs, the same in each. */
  public Signature signature() {
    return models.get(0).signature();
  }

  /** Where batches are gathered, and where large inputs should lie. */
  public DirectMemoryPool memory() {
    return memory;
  }

  /** How many sessions there are, at least 1. */
  public int size() {
    return models.size();
  }

  /**
   * What executes batches on them.
   *
   * @param padding the plan of the {@link InputCheck} in front; null keeps lengths apart
   */
  public Runners runners(@Nullable PaddingPlan padding) {
    return new Runners(
        models.stream().map(model -> new BatchRunner(model, memory, padding)).toList());
  }

  @Override
  public void close() {
    models.forEach(OnnxModel::close);
  }

  /** Executes batches, each thread always on the same session. Thread-safe. */
  public static final class Runners {
    private final List<BatchRunner> runners;
    private final AtomicInteger next = new AtomicInteger();
    private final ThreadLocal<BatchRunner> own = ThreadLocal.withInitial(this::claim);

    private Runners(List<BatchRunner> runners) {
      this.runners = runners;
    }

    /** See {@link BatchRunner#execute(List, RunHandle)}. */
    public List<ModelResult> execute(List<ModelRequest> requests, @Nullable RunHandle handle)
        throws ModelExecutionException {
      return own.get().execute(requests, handle);
    }

    private BatchRunner claim() {
      return runners.get(Math.floorMod(next.getAndIncrement(), runners.size()));
    }
  }
}
