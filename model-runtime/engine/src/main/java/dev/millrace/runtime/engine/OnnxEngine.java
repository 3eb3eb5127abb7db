package dev.millrace.runtime.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.millrace.protocol.control.Signature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime in this process: makes models out of files.
 *
 * <p>Thread-safe. Never logs and sends no telemetry: every failure is an exception with the reason.
 * Closing it closes the models that are still open.
 */
public final class OnnxEngine implements AutoCloseable {
  private static final String NATIVE_PATH = "onnxruntime.native.path";

  private final EngineOptions options;
  private final OrtEnvironment environment;
  private final DirectMemoryPool pool;
  private final SessionOptionsFactory sessions;
  private final Set<OnnxModel> models = ConcurrentHashMap.newKeySet();

  private OnnxEngine(EngineOptions options, OrtEnvironment environment) {
    this.options = options;
    this.environment = environment;
    this.pool = new DirectMemoryPool(options.poolBytes());
    this.sessions = new SessionOptionsFactory(options);
  }

  /**
   * Loads the native library, once per process (0.3–0.5 s when it must be unpacked). Engines of one
   * process share ONNX Runtime's environment.
   *
   * @throws IllegalStateException when the library cannot be loaded on this machine
   */
  public static OnnxEngine start(EngineOptions options) {
    if (options.nativeDir() != null && System.getProperty(NATIVE_PATH) == null) {
      System.setProperty(NATIVE_PATH, options.nativeDir().toString());
    }
    try {
      OrtEnvironment environment = environment(options.globalThreads());
      environment.setTelemetry(false);
      return new OnnxEngine(options, environment);
    } catch (OrtException | LinkageError | RuntimeException failure) {
      throw new IllegalStateException(
          "ONNX Runtime cannot be started: " + failure.getMessage(), failure);
    }
  }

  private static OrtEnvironment environment(@Nullable GlobalThreads threads) throws OrtException {
    if (threads == null) {
      return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    }
    try (var pool = new OrtEnvironment.ThreadingOptions()) {
      pool.setGlobalIntraOpNumThreads(threads.intraOp());
      pool.setGlobalInterOpNumThreads(threads.interOp());
      pool.setGlobalSpinControl(threads.spinning());
      return OrtEnvironment.getEnvironment(
          OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, OrtEnvironment.DEFAULT_NAME, pool);
    }
  }

  /**
   * Makes a session out of an {@code .onnx} file; external data is looked for beside it. Blocks for
   * as long as reading, optimizing and allocating take.
   *
   * @throws ModelLoadException when the file is no model that this platform can serve, or its
   *     device is missing; nothing stays allocated
   */
  public OnnxModel load(Path modelFile, SessionSettings settings) throws ModelLoadException {
    return load(modelFile, settings, null);
  }

  /**
   * The same by way of the optimized graph that an earlier load left, if there is one.
   *
   * @param digest of the model's content, external data included; null optimizes anew
   */
  public OnnxModel load(Path modelFile, SessionSettings settings, @Nullable String digest)
      throws ModelLoadException {
    if (!Files.isRegularFile(modelFile)) {
      throw new ModelLoadException("the file " + modelFile.getFileName() + " does not exist");
    }
    OptimizedModelCache cache = options.optimizedModels();
    if (cache == null || digest == null || !cache.takes(modelFile, settings)) {
      return original(modelFile, settings);
    }
    String key =
        OptimizedModelCache.key(
            digest + "/" + modelFile.getFileName(), environment.getVersion(), settings);
    Optional<Path> optimized = cache.find(key);
    if (optimized.isPresent()) {
      try (SessionOptions sessionOptions = sessions.optimized(settings)) {
        return open(optimized.get(), sessionOptions);
      } catch (OrtException | ModelLoadException unusable) {
        // Whatever is wrong with it, the original is right.
        cache.drop(optimized.get());
      }
    }
    return saving(modelFile, settings, cache, key);
  }

  private OnnxModel original(Path modelFile, SessionSettings settings) throws ModelLoadException {
    try (SessionOptions sessionOptions = sessions.original(settings)) {
      return open(modelFile, sessionOptions);
    } catch (OrtException failure) {
      throw new ModelLoadException(OrtMessages.clean(failure), failure);
    }
  }

  private OnnxModel saving(
      Path modelFile, SessionSettings settings, OptimizedModelCache cache, String key)
      throws ModelLoadException {
    OnnxModel model = null;
    try {
      Path written = cache.temporary();
      try (SessionOptions sessionOptions = sessions.saving(settings, written)) {
        model = open(modelFile, sessionOptions);
        cache.keep(key, written);
      } finally {
        cache.drop(written);
      }
      return model;
    } catch (OrtException | IOException unsaved) {
      // A full disk, or a graph that cannot be written: neither is a reason not to serve it.
      return model != null ? model : original(modelFile, settings);
    }
  }

  private OnnxModel open(Path file, SessionOptions sessionOptions)
      throws OrtException, ModelLoadException {
    OrtSession session = environment.createSession(file.toString(), sessionOptions);
    try {
      Signature signature = SessionSignature.of(session);
      var model = new OnnxModel(environment, session, signature, pool, models::remove);
      models.add(model);
      session = null;
      return model;
    } finally {
      closeQuietly(session);
    }
  }

  /** The direct memory that batches of this engine are gathered into. */
  public DirectMemoryPool memory() {
    return pool;
  }

  /** ONNX Runtime's version, for example {@code 1.28.0}. */
  public String runtimeVersion() {
    return environment.getVersion();
  }

  /** Closes the models that are still open, each after its running calls. */
  @Override
  public void close() {
    models.forEach(OnnxModel::close);
  }

  private static void closeQuietly(@Nullable OrtSession session) {
    if (session != null) {
      try {
        session.close();
      } catch (OrtException ignored) {
        // The reason why it could not be used is already on its way.
      }
    }
  }
}
