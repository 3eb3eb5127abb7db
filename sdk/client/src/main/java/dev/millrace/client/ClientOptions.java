package dev.millrace.client;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a client behaves. Immutable; each {@code with…} returns a changed copy.
 *
 * @param transport how inference calls travel
 * @param connectTimeout longest time to establish a connection; positive
 * @param timeout longest time of a call that names no deadline of its own; positive. Uploads and
 *     event streams are not bounded by it
 * @param maxMessageBytes largest gRPC answer that is accepted; positive
 * @param project the project to act in, when the credential may use several
 * @param trustedCertificates a PEM file with the certificates to trust instead of the JDK's
 */
public record ClientOptions(
    Transport transport,
    Duration connectTimeout,
    Duration timeout,
    int maxMessageBytes,
    @Nullable String project,
    @Nullable Path trustedCertificates) {

  /** gRPC, 10 s to connect, 30 s a call, 64 MiB a message (the platform's own limit). */
  public static final ClientOptions DEFAULT =
      new ClientOptions(
          Transport.GRPC, Duration.ofSeconds(10), Duration.ofSeconds(30), 64 << 20, null, null);

  public ClientOptions {
    Objects.requireNonNull(transport, "transport");
    requirePositive("connectTimeout", connectTimeout);
    requirePositive("timeout", timeout);
    if (maxMessageBytes <= 0) {
      throw new IllegalArgumentException(
          "maxMessageBytes: " + maxMessageBytes + " (expected: at least 1)");
    }
  }

  /** The same with another transport. */
  public ClientOptions withTransport(Transport value) {
    return new ClientOptions(
        value, connectTimeout, timeout, maxMessageBytes, project, trustedCertificates);
  }

  /** The same with another longest time to connect. */
  public ClientOptions withConnectTimeout(Duration value) {
    return new ClientOptions(
        transport, value, timeout, maxMessageBytes, project, trustedCertificates);
  }

  /** The same with another longest time of a call. */
  public ClientOptions withTimeout(Duration value) {
    return new ClientOptions(
        transport, connectTimeout, value, maxMessageBytes, project, trustedCertificates);
  }

  /** The same with another bound on gRPC answers. */
  public ClientOptions withMaxMessageBytes(int value) {
    return new ClientOptions(
        transport, connectTimeout, timeout, value, project, trustedCertificates);
  }

  /** The same, acting in that project. */
  public ClientOptions withProject(String value) {
    return new ClientOptions(
        transport, connectTimeout, timeout, maxMessageBytes, value, trustedCertificates);
  }

  /** The same, trusting exactly the certificates of that PEM file. */
  public ClientOptions withTrustedCertificates(Path value) {
    return new ClientOptions(transport, connectTimeout, timeout, maxMessageBytes, project, value);
  }

  private static void requirePositive(String field, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(field + ": " + value + " (expected: more than zero)");
    }
  }
}
