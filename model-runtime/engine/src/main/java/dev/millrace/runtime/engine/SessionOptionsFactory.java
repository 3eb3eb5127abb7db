package dev.millrace.runtime.engine;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.nio.file.Path;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes ONNX Runtime's session options out of ours. */
final class SessionOptionsFactory {
  private final EngineOptions options;
  private final ExecutionProviders providers;

  SessionOptionsFactory(EngineOptions options) {
    this.options = options;
    this.providers = new ExecutionProviders(options.optimizedModels());
  }

  /** Options for a model as its author made it; the caller closes them. */
  SessionOptions original(SessionSettings settings) throws OrtException, ModelLoadException {
    return of(settings, level(settings), null);
  }

  /** The same, and the optimized graph is written to a file. */
  SessionOptions saving(SessionSettings settings, Path file)
      throws OrtException, ModelLoadException {
    return of(settings, level(settings), file);
  }

  /** Options for a graph that was optimized before: doing it again would only cost time. */
  SessionOptions optimized(SessionSettings settings) throws OrtException, ModelLoadException {
    return of(settings, OptLevel.NO_OPT, null);
  }

  private SessionOptions of(SessionSettings settings, OptLevel level, @Nullable Path saveTo)
      throws OrtException, ModelLoadException {
    var session = new SessionOptions();
    try {
      session.setOptimizationLevel(level);
      session.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      boolean gpu = settings.device().provider() != Device.Provider.CPU;
      // On a GPU a kept plan and changing shapes grow memory without bound.
      session.setMemoryPatternOptimization(settings.graph().memoryPattern() && !gpu);
      session.setCPUArenaAllocator(settings.graph().cpuArena());
      // Weights outside of the arena: it does not grow in powers of two for them.
      session.addConfigEntry("session.use_device_allocator_for_initializers", "1");
      if (settings.graph().denormalAsZero()) {
        session.addConfigEntry("session.set_denormal_as_zero", "1");
      }
      threads(session, settings.threads());
      if (saveTo != null) {
        session.setOptimizedModelFilePath(saveTo.toString());
      }
      for (var entry : new TreeMap<>(settings.config()).entrySet()) {
        session.addConfigEntry(entry.getKey(), entry.getValue());
      }
      providers.add(session, settings.device());
      return session;
    } catch (OrtException | ModelLoadException | RuntimeException failure) {
      session.close();
      throw failure;
    }
  }

  private void threads(SessionOptions session, SessionSettings.Threads threads)
      throws OrtException {
    if (threads.mode() == SessionSettings.ExecutionMode.PARALLEL) {
      session.setExecutionMode(ExecutionMode.PARALLEL);
    }
    if (options.globalThreads() != null && threads.intraOp() == null) {
      session.disablePerSessionThreads();
      return;
    }
    int intraOp = or(threads.intraOp(), options.intraOpThreads());
    session.setIntraOpNumThreads(intraOp);
    session.setInterOpNumThreads(or(threads.interOp(), options.interOpThreads()));
    // Threads that spin between calls take the processor from the next caller's decoding.
    boolean spins = threads.spinning() == null ? options.spinning() : threads.spinning();
    session.addConfigEntry("session.intra_op.allow_spinning", spins ? "1" : "0");
    session.addConfigEntry("session.inter_op.allow_spinning", spins ? "1" : "0");
    if (intraOp > 1 && threads.dynamicBlockBase() > 0) {
      session.addConfigEntry(
          "session.dynamic_block_base", Integer.toString(threads.dynamicBlockBase()));
    }
  }

  private static OptLevel level(SessionSettings settings) {
    return switch (settings.graph().optimization()) {
      case NONE -> OptLevel.NO_OPT;
      case BASIC -> OptLevel.BASIC_OPT;
      case EXTENDED -> OptLevel.EXTENDED_OPT;
      case ALL -> OptLevel.ALL_OPT;
    };
  }

  private static int or(@Nullable Integer own, int shared) {
    return own == null ? shared : own;
  }
}
