package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.runtime.engine.EngineOptions;
import dev.millrace.runtime.engine.GlobalThreads;
import dev.millrace.runtime.engine.LoadedModel;
import dev.millrace.runtime.engine.ModelInstances;
import dev.millrace.runtime.engine.ModelLoadException;
import dev.millrace.runtime.engine.OnnxEngine;
import dev.millrace.runtime.engine.OptimizedModelCache;
import dev.millrace.runtime.engine.SessionSettings;
import dev.millrace.runtime.server.artifact.ArtifactCache;
import dev.millrace.runtime.server.artifact.ModelFile;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import dev.millrace.runtime.server.text.TextTask;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a replica out of a version: fetches its files, creates the session, warms the whole way up.
 * All methods block, for seconds with a large model; for worker threads.
 */
@ApplicationScoped
class ReplicaLoader {
  private final RuntimeOptions options;
  private final RuntimeMetrics metrics;
  private final ArtifactCache cache;
  private volatile @Nullable OnnxEngine engine;

  ReplicaLoader(RuntimeOptions options, RuntimeMetrics metrics, RegistryLink link) {
    this.options = options;
    this.metrics = metrics;
    this.cache =
        new ArtifactCache(
            options.cacheDirectory(), link::openArtifact, options.engine().disk().artifactBytes());
  }

  /** Keeps the files of exactly these versions on disk, whatever else must give way. */
  void keepFiles(Collection<VersionEntry> versions) {
    cache.keep(versions.stream().map(VersionEntry::digest).collect(Collectors.toSet()));
  }

  /**
   * Loads a version until it can answer calls as fast as it ever will.
   *
   * @throws IOException when a file cannot be fetched or the text task cannot be prepared
   * @throws ModelLoadException when ONNX Runtime refuses the model
   */
  LoadedModel<Replica> load(VersionEntry version, ServingOptions serving)
      throws IOException, InterruptedException, ModelLoadException {
    Path folder = cache.materialize(version.digest(), version.artifacts());
    ModelInstances sessions =
        ModelInstances.load(
            engine(),
            folder.resolve(ModelFile.nameIn(version.artifacts())),
            settings(serving),
            version.digest());
    Replica replica;
    try {
      Signature signature = sessions.signature();
      var parts =
          new OnnxReplica.Parts(
              sessions,
              JoinPlan.of(
                  serving,
                  signature,
                  version.manifest(),
                  version.profile(options.member().hardwareClass())),
              text(version, signature, folder));
      replica = new OnnxReplica(version, serving, parts, metrics);
    } catch (IOException | ModelLoadException | RuntimeException failure) {
      sessions.close();
      throw failure;
    }
    WarmUp.run(replica);
    return new LoadedModel<>(replica);
  }

  /** The native library is loaded when the first version comes, not at start. */
  private synchronized OnnxEngine engine() {
    OnnxEngine running = engine;
    if (running == null) {
      running =
          OnnxEngine.start(
              new EngineOptions(
                  options.engineThreads(),
                  1,
                  false,
                  EngineOptions.DEFAULT.poolBytes(),
                  null,
                  globalThreads(),
                  new OptimizedModelCache(
                      options.cacheDirectory().resolve("optimized"),
                      options.engine().disk().optimizedBytes())));
      engine = running;
    }
    return running;
  }

  private @Nullable GlobalThreads globalThreads() {
    int threads = options.engine().globalThreads();
    return threads == 0 ? null : new GlobalThreads(threads, 1, false);
  }

  private static SessionSettings settings(ServingOptions serving) {
    SessionSettings settings = SessionSettings.of(serving.engine());
    int instances = serving.scheduling().instances();
    return instances == 0 ? settings : settings.withInstances(instances);
  }

  private @Nullable TextTask text(VersionEntry version, Signature signature, Path folder)
      throws IOException {
    Path natives = options.cacheDirectory().resolve("native");
    return TextTask.load(version.manifest(), signature, folder, natives);
  }
}
