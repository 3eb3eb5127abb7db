package dev.millrace.runtime.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.millrace.protocol.control.Signature;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private final Set<OnnxModel> models = ConcurrentHashMap.newKeySet();

  private OnnxEngine(EngineOptions options, OrtEnvironment environment) {
    this.options = options;
    this.environment = environment;
    this.pool = new DirectMemoryPool(options.poolBytes());
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
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      environment.setTelemetry(false);
      return new OnnxEngine(options, environment);
    } catch (OrtException | LinkageError | RuntimeException failure) {
      throw new IllegalStateException(
          "ONNX Runtime cannot be started: " + failure.getMessage(), failure);
    }
  }

  /**
   * Makes a session out of an {@code .onnx} file; external data is looked for beside it. Blocks for
   * as long as reading, optimizing and allocating take.
   *
   * @throws ModelLoadException when the file is no model that this platform can serve; nothing
   *     stays allocated
   */
  public OnnxModel load(Path modelFile, SessionSettings settings) throws ModelLoadException {
    if (!Files.isRegularFile(modelFile)) {
      throw new ModelLoadException("the file " + modelFile.getFileName() + " does not exist");
    }
    OrtSession session = null;
    try (SessionOptions sessionOptions = sessionOptions(settings)) {
      session = environment.createSession(modelFile.toString(), sessionOptions);
      Signature signature = SessionSignature.of(session);
      var model = new OnnxModel(environment, session, signature, pool, models::remove);
      models.add(model);
      session = null;
      return model;
    } catch (OrtException failure) {
      throw new ModelLoadException(OrtMessages.clean(failure), failure);
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

  private SessionOptions sessionOptions(SessionSettings settings) throws OrtException {
    var session = new SessionOptions();
    try {
      int intraOp = or(settings.intraOpThreads(), options.intraOpThreads());
      int interOp = or(settings.interOpThreads(), options.interOpThreads());
      boolean spins = settings.spinning() == null ? options.spinning() : settings.spinning();
      session.setIntraOpNumThreads(intraOp);
      session.setInterOpNumThreads(interOp);
      session.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      // Batch sizes differ from call to call, and a remembered plan only fits one of them.
      session.setMemoryPatternOptimization(false);
      // Threads that spin between calls take the processor from the next caller's decoding.
      session.addConfigEntry("session.intra_op.allow_spinning", spins ? "1" : "0");
      session.addConfigEntry("session.inter_op.allow_spinning", spins ? "1" : "0");
      // Weights outside of the arena: it does not grow in powers of two for them.
      session.addConfigEntry("session.use_device_allocator_for_initializers", "1");
      if (intraOp > 1) {
        // Finer work splitting: one slow core does not hold up the operator.
        session.addConfigEntry("session.dynamic_block_base", "4");
      }
      return session;
    } catch (OrtException | RuntimeException failure) {
      session.close();
      throw failure;
    }
  }

  private static int or(@Nullable Integer own, int shared) {
    return own == null ? shared : own;
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
