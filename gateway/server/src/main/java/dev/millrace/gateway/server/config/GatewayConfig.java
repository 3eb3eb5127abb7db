package dev.millrace.gateway.server.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** {@code millrace.gateway.*} as written; {@link GatewayOptions} is what the code uses. */
@ConfigMapping(prefix = "millrace.gateway")
public interface GatewayConfig {
  /** Whether calls need a key. */
  @WithDefault("keys")
  GatewayOptions.Authentication auth();

  /** Where control calls go. */
  @WithDefault("proxy")
  GatewayOptions.ControlMode control();

  /** Largest body of an inference call. */
  @WithDefault("64M")
  MemorySize maxBodySize();

  /** A call's time when neither the caller nor the endpoint names one. */
  @WithDefault("30s")
  Duration defaultTimeout();

  /** How long a stream may last when its caller sets no deadline. */
  @WithDefault("24h")
  Duration longestStream();

  /** How long calls in flight may take to finish when the process is told to stop. */
  @WithDefault("30s")
  Duration drainTimeout();

  /** Whether each call is one line in the log. */
  @WithDefault("false")
  boolean accessLog();

  /** How such a line looks. */
  @WithDefault("text")
  GatewayOptions.AccessLogFormat accessLogFormat();

  /** How long a connection to a replica may take. */
  @WithDefault("1s")
  Duration connectTimeout();

  /** Most HTTP/1.1 connections to one replica. */
  @WithDefault("512")
  int connectionsPerReplica();

  /** Which web pages may call. */
  Cors cors();

  /** Which answers are compressed for clients that accept it. */
  Compression compression();

  /** {@code millrace.gateway.compression.*}. */
  interface Compression {
    /** Whether any are. */
    @WithDefault("true")
    boolean enabled();

    /** Fewest bytes that are worth it. */
    @WithDefault("2K")
    MemorySize minSize();
  }

  /** {@code millrace.gateway.cors.*}. */
  interface Cors {
    /** Origins of pages that may call, or an asterisk for all; nobody when absent. */
    Optional<Set<String>> origins();

    /** How long a browser may remember that. */
    @WithDefault("1h")
    Duration maxAge();
  }
}
