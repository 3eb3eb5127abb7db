package dev.millrace.gateway.server.config;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How the gateway behaves. Immutable, valid once made.
 *
 * @param authentication whether calls need a key
 * @param control where control calls go
 * @param maxBodySize largest body of an inference call in bytes, 1 KiB to 2 GiB
 * @param defaultTimeout a call's time when nobody names one
 * @param longestStream how long a stream may last when its caller sets no deadline, at most a day
 * @param drainTimeout how long calls in flight may take when the process is told to stop
 * @param accessLog the form of one line per call; empty for no access log
 * @param connectTimeout how long a connection to a replica may take
 * @param connectionsPerReplica most HTTP/1.1 connections to one replica
 * @param cors which web pages may call
 * @param compression which answers are compressed for clients that accept it
 */
public record GatewayOptions(
    Authentication authentication,
    ControlMode control,
    long maxBodySize,
    Duration defaultTimeout,
    Duration longestStream,
    Duration drainTimeout,
    Optional<AccessLogFormat> accessLog,
    Duration connectTimeout,
    int connectionsPerReplica,
    CorsOptions cors,
    CompressionOptions compression) {
  private static final long SMALLEST_BODY = 1 << 10;
  private static final long LARGEST_BODY = Integer.MAX_VALUE;

  /** Whether calls need a key. */
  public enum Authentication {
    /** Every call but health needs one. */
    KEYS,
    /** Every caller is an administrator of the default project: for a laptop. */
    NONE
  }

  /** Where control calls go. */
  public enum ControlMode {
    /** To the registry's URL. */
    PROXY,
    /** To the registry's routes in the same process. */
    LOCAL
  }

  /** How a line of the access log looks. */
  public enum AccessLogFormat {
    /** {@code key=value} pairs. */
    TEXT,
    /** A JSON object. */
    JSON
  }

  public GatewayOptions {
    require(
        maxBodySize >= SMALLEST_BODY && maxBodySize <= LARGEST_BODY,
        "max-body-size",
        maxBodySize,
        "1K to 2G");
    positive("default-timeout", defaultTimeout);
    require(
        longestStream.isPositive() && longestStream.toHours() <= 24,
        "longest-stream",
        longestStream,
        "more than 0, at most 24 hours");
    positive("connect-timeout", connectTimeout);
    require(!drainTimeout.isNegative(), "drain-timeout", drainTimeout, "0 or more");
    require(
        connectionsPerReplica > 0, "connections-per-replica", connectionsPerReplica, "1 or more");
  }

  /** The options that {@code config} asks for. */
  public static GatewayOptions of(GatewayConfig config) {
    return new GatewayOptions(
        config.auth(),
        config.control(),
        config.maxBodySize().asLongValue(),
        config.defaultTimeout(),
        config.longestStream(),
        config.drainTimeout(),
        config.accessLog() ? Optional.of(config.accessLogFormat()) : Optional.empty(),
        config.connectTimeout(),
        config.connectionsPerReplica(),
        new CorsOptions(config.cors().origins().orElse(Set.of()), config.cors().maxAge()),
        new CompressionOptions(
            config.compression().enabled(), config.compression().minSize().asLongValue()));
  }

  private static void positive(String field, Duration value) {
    require(value.isPositive(), field, value, "more than 0");
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          "millrace.gateway.%s: %s (expected: %s)".formatted(field, value, expected));
    }
  }
}
