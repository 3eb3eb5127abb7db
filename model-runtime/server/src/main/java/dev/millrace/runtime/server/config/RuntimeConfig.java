package dev.millrace.runtime.server.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The keys {@code millrace.runtime.*}; {@link RuntimeOptions} is what the rest of the code sees.
 */
@ConfigMapping(prefix = "millrace.runtime")
public interface RuntimeConfig {
  /**
   * Whether this process serves the runtime's own HTTP routes and gRPC port. Off where another
   * server calls the handlers directly.
   */
  @WithDefault("true")
  boolean routes();

  /** Name of this runtime among the members; made from host, process and chance when absent. */
  Optional<String> memberId();

  /** The pool this runtime joins. */
  @WithDefault("cpu")
  String pool();

  /** What its measurements are valid for. */
  @WithDefault("cpu")
  String hardwareClass();

  /** Host name or address where gateways reach this runtime. */
  @WithDefault("127.0.0.1")
  String advertisedHost();

  /** Where artifacts are kept; {@code cache} under {@code millrace.data} when absent. */
  Optional<Path> cacheDirectory();

  /** Largest request body, also after decompression. */
  @WithDefault("64M")
  MemorySize maxBodySize();

  /** Longest wait for calls in flight when the process stops. */
  @WithDefault("30S")
  Duration drainTimeout();

  /**
   * How long a version goes on answering after it is no longer assigned, so that gateways which are
   * a moment behind lose no call.
   */
  @WithDefault("5S")
  Duration unloadDelay();

  /** How long a call may take when neither the caller nor the version says so. */
  @WithDefault("30S")
  Duration callTimeout();

  /** Pause between two reports to the registry. */
  @WithDefault("2S")
  Duration reportInterval();

  /** Threads of one execution; half the processors, at least one, when absent. */
  OptionalInt engineThreads();

  /**
   * Options of the engine's sessions where an endpoint does not say otherwise, for example {@code
   * device=cuda:0}.
   */
  Map<String, String> engineOptions();

  /** Threads of one pool for all sessions; each session has its own pool when absent. */
  OptionalInt globalThreads();

  /** What loaded versions may hold together; from the memory of the machine when absent. */
  Optional<MemorySize> memoryBudget();

  /** After how long without calls a version is unloaded until the next one; never when absent. */
  Optional<Duration> idleAfter();

  /** Most bytes of artifacts kept on disk, what is loaded not counted among them. */
  @WithDefault("20G")
  MemorySize artifactCacheSize();

  /** Most bytes of optimized graphs kept on disk; 0 optimizes at every load. */
  @WithDefault("4G")
  MemorySize optimizedCacheSize();

  /**
   * Memory that the kept answers of all endpoints may take together; an eighth of the heap when
   * absent, 0 keeps none.
   */
  Optional<MemorySize> responseCacheSize();

  /** Judging versions before they may serve. */
  Admission admission();

  /** What is kept from one request of a sequence to the next. */
  Sequences sequences();

  /** The gRPC server. */
  Grpc grpc();

  /** Batching where a version does not say otherwise. */
  Batching batching();

  /** Where versions are judged. */
  enum AdmissionMode {
    /** In a child process: a model that crashes, hangs or eats memory harms only that. */
    CHILD,
    /** In this process, without bounds: for tests and for machines too small for two processes. */
    IN_PROCESS
  }

  /** Judging versions before they may serve. */
  interface Admission {
    /** Where versions are judged: {@code child} or {@code in-process}. */
    @WithDefault("child")
    AdmissionMode mode();

    /** Longest time for one version, loading and measuring together. */
    @WithDefault("2M")
    Duration timeout();

    /** Most memory that one version may take; half the machine's when absent. */
    Optional<MemorySize> memory();

    /** Longest time for measuring one version after it was loaded and run once. */
    @WithDefault("3S")
    Duration profileTime();
  }

  /** What is kept from one request of a sequence to the next. */
  interface Sequences {
    /** After how long without a request a sequence is forgotten. */
    @WithDefault("60S")
    Duration idleTimeout();

    /** Most sequences that are open at once. */
    @WithDefault("10000")
    int limit();

    /** Most bytes that open sequences keep together. */
    @WithDefault("256M")
    MemorySize memory();
  }

  /** The gRPC server. */
  interface Grpc {
    /** Address to listen on. */
    @WithDefault("0.0.0.0")
    String host();

    /** Port to listen on; 0 takes a free one. */
    @WithDefault("8082")
    int port();
  }

  /** Batching where a version does not say otherwise. */
  interface Batching {
    /** Most rows in one execution. */
    @WithDefault("32")
    int maxBatch();

    /** Most requests waiting for one replica. */
    @WithDefault("512")
    int maxQueue();

    /** Longest wait for company, counted from the oldest arrival. */
    @WithDefault("0S")
    Duration maxDelay();
  }
}
