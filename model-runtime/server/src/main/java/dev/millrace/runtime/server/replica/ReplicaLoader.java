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
import dev.millrace.runtime.engine.ResidencyPolicy.Urgency;
import dev.millrace.runtime.server.artifact.ArtifactCache;
import dev.millrace.runtime.server.artifact.ModelFile;
import dev.millrace.runtime.server.cache.ResponseCaches;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import dev.millrace.runtime.server.text.Labels;
import dev.millrace.runtime.server.text.TextTask;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes a replica out of a version: fetches its files, creates the session, warms the whole way up.
 * That takes seconds with a large model, so it has threads for it.
 */
@ApplicationScoped
class ReplicaLoader {
  private static final Logger LOG = Logger.getLogger(ReplicaLoader.class);
  private static final int LOADERS = 2;

  private final RuntimeOptions options;
  private final RuntimeMetrics metrics;
  private final ResponseCaches answers;
  private final ArtifactCache cache;
  private final ExecutorService loaders =
      Executors.newFixedThreadPool(
          LOADERS, Thread.ofPlatform().name("millrace-load-", 0).daemon().factory());
  private final ResidentSize size = new ResidentSize();
  private volatile @Nullable OnnxEngine engine;

  ReplicaLoader(
      RuntimeOptions options, RuntimeMetrics metrics, ResponseCaches answers, RegistryLink link) {
    this.answers = answers;
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
   * A version in memory.
   *
   * @param took how long it took, without fetching files and warming up
   * @param grewBy how much the process grew by it; empty when that cannot be told
   */
  record Loaded(LoadedModel<Replica> model, Duration took, OptionalLong grewBy) {}

  /**
   * Loads a version until it can answer calls as fast as it ever will, or, when calls wait, until
   * it can answer them. Does not block.
   *
   * @return fails with {@link LoadFailedException}, possibly wrapped
   */
  CompletableFuture<Loaded> start(Desired.Wanted wanted, Urgency urgency) {
    return CompletableFuture.supplyAsync(() -> loadOrExplain(wanted, urgency), loaders);
  }

  /** Loads nothing more. */
  void stop() {
    loaders.shutdownNow();
  }

  private Loaded loadOrExplain(Desired.Wanted wanted, Urgency urgency) {
    try {
      return load(wanted.version(), wanted.serving(), urgency);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new LoadFailedException("the runtime is stopping");
    } catch (Exception failure) {
      throw new LoadFailedException(String.valueOf(failure.getMessage()));
    }
  }

  private Loaded load(VersionEntry version, ServingOptions serving, Urgency urgency)
      throws IOException, InterruptedException, ModelLoadException {
    Path folder = cache.materialize(version.digest(), version.artifacts());
    OnnxEngine running = engine();
    try (ResidentSize.Watch watch = size.watch()) {
      long started = System.nanoTime();
      Replica replica = replica(running, folder, version, serving);
      Duration took = Duration.ofNanos(System.nanoTime() - started);
      WarmUp.run(replica, urgency);
      return new Loaded(new LoadedModel<>(replica), took, watch.growth());
    }
  }

  private Replica replica(
      OnnxEngine running, Path folder, VersionEntry version, ServingOptions serving)
      throws IOException, ModelLoadException {
    ModelInstances sessions =
        ModelInstances.load(
            running,
            folder.resolve(ModelFile.nameIn(version.artifacts())),
            SessionPlan.of(
                serving,
                version.profile(options.member().hardwareClass()),
                options.engine().globalThreads() == 0),
            version.digest());
    try {
      Signature signature = sessions.signature();
      TextTask text = text(version, signature, folder);
      var parts =
          new OnnxReplica.Parts(
              sessions,
              JoinPlan.of(
                  serving,
                  signature,
                  version.manifest(),
                  version.profile(options.member().hardwareClass())),
              text,
              text == null ? labels(version, folder) : text.labels(),
              () -> answers.drop(version.key()));
      return new OnnxReplica(version, serving, parts, metrics);
    } catch (IOException | ModelLoadException | RuntimeException failure) {
      sessions.close();
      throw failure;
    }
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

  /** Names are for people: a file that cannot be read keeps no model from serving. */
  private static Labels labels(VersionEntry version, Path folder) {
    String file = version.manifest().labels();
    if (file == null) {
      return Labels.none();
    }
    try {
      return Labels.read(folder.resolve(file));
    } catch (IOException unreadable) {
      LOG.warnf("version=%s: classes have no names: %s", version.key(), unreadable.getMessage());
      return Labels.none();
    }
  }

  private @Nullable TextTask text(VersionEntry version, Signature signature, Path folder)
      throws IOException {
    Path natives = options.cacheDirectory().resolve("native");
    return TextTask.load(version.manifest(), signature, folder, natives);
  }
}
