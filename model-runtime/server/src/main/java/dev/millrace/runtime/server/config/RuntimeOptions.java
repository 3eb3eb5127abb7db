package dev.millrace.runtime.server.config;

import static dev.millrace.runtime.server.config.Expectations.expect;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a runtime was told, validated once at start.
 *
 * @param member who this runtime is
 * @param listen what it serves by itself
 * @param cacheDirectory root of the artifact cache
 * @param limits bounds on calls and on stopping
 * @param engineThreads threads of one execution, at least 1
 * @param batching where a version does not say otherwise
 * @param engine what sessions are made with, and what they and their files may hold
 */
public record RuntimeOptions(
    Member member,
    Listen listen,
    Path cacheDirectory,
    Limits limits,
    int engineThreads,
    BatchingOptions batching,
    EngineDefaults engine) {

  public RuntimeOptions {
    expect(engineThreads >= 1, "engine-threads", engineThreads, "at least 1");
  }

  /**
   * Who this runtime is among the members.
   *
   * @param id unique and stable for the life of the process
   * @param advertisedHost where gateways reach it, without a port
   * @param reportInterval pause between two reports; members are forgotten after 10 s
   */
  public record Member(
      String id,
      String pool,
      String hardwareClass,
      String advertisedHost,
      Duration reportInterval) {
    public Member {
      expect(!id.isBlank() && !id.contains("/"), "member-id", id, "a name without '/'");
      expect(!pool.isBlank(), "pool", pool, "a name");
      expect(!hardwareClass.isBlank(), "hardware-class", hardwareClass, "a name");
      expect(!advertisedHost.isBlank(), "advertised-host", advertisedHost, "a host or address");
      expect(
          reportInterval.toMillis() >= 100 && reportInterval.toSeconds() <= 5,
          "report-interval",
          reportInterval,
          "100 ms to 5 s, since members are forgotten after 10 s");
    }
  }

  /**
   * What the process serves by itself.
   *
   * @param routes whether the runtime's HTTP routes and gRPC server exist at all
   * @param grpcHost address of the gRPC server
   * @param grpcPort its port; 0 takes a free one
   * @param clusterToken what calls must carry; may be empty only without routes
   */
  public record Listen(boolean routes, String grpcHost, int grpcPort, String clusterToken) {
    public Listen {
      expect(grpcPort >= 0 && grpcPort <= 65_535, "grpc.port", grpcPort, "0 to 65535");
      if (routes && clusterToken.isBlank()) {
        throw new IllegalArgumentException(
            "millrace.cluster.token: missing (expected: the secret shared by gateways, runtimes and"
                + " registry, since millrace.runtime.routes is on)");
      }
    }

    @Override
    public String toString() {
      return "Listen[routes=" + routes + ", grpc=" + grpcHost + ":" + grpcPort + "]";
    }
  }

  /**
   * Bounds on calls and on stopping.
   *
   * @param maxBodyBytes largest request body, also after decompression
   * @param drainTimeout longest wait for calls in flight when the process stops
   * @param callTimeout how long a call may take when nobody says otherwise
   * @param unloadDelay how long a version goes on answering after it is no longer assigned;
   *     gateways must hear of the change within this time
   */
  public record Limits(
      int maxBodyBytes, Duration drainTimeout, Duration callTimeout, Duration unloadDelay) {
    public Limits {
      expect(maxBodyBytes >= 1024, "max-body-size", maxBodyBytes, "at least 1 KiB");
      expect(!drainTimeout.isNegative(), "drain-timeout", drainTimeout, "zero or more");
      expect(callTimeout.toMillis() >= 1, "call-timeout", callTimeout, "at least 1 ms");
      expect(
          !unloadDelay.isNegative() && unloadDelay.toHours() < 1,
          "unload-delay",
          unloadDelay,
          "zero to less than one hour");
    }
  }
}
