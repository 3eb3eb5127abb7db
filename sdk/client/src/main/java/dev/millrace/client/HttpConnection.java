package dev.millrace.client;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One pool of HTTP connections to a gateway. Adds the credential, bounds the whole exchange by the
 * deadline, and turns everything that goes wrong into a {@code MillraceException}. Thread-safe.
 */
final class HttpConnection implements AutoCloseable {
  /** Servers read this much even when they refuse, so that their answer arrives. */
  private static final long SENT_UNASKED = 1 << 20;

  private static final AtomicInteger POOLS = new AtomicInteger();

  private final ServerAddress address;
  private final Credentials credentials;
  private final @Nullable String project;
  private final ExecutorService executor;
  private final HttpClient client;
  private final AtomicBoolean closed = new AtomicBoolean();

  HttpConnection(ServerAddress address, Credentials credentials, ClientOptions options) {
    this.address = address;
    this.credentials = credentials;
    this.project = options.project();
    String prefix = "millrace-http-" + POOLS.incrementAndGet() + "-";
    var threads = new AtomicInteger();
    this.executor =
        Executors.newCachedThreadPool(
            task -> {
              var thread = new Thread(task, prefix + threads.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(options.connectTimeout())
            .executor(executor)
            .followRedirects(HttpClient.Redirect.NEVER)
            // Without TLS the JDK would offer an upgrade with the first request of each connection;
            // one that carries a large body is then sent twice or refused by proxies.
            .version(address.tls() ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1);
    var trusted = options.trustedCertificates();
    if (trusted != null) {
      builder.sslContext(TrustedCertificates.sslContext(trusted));
    }
    this.client = builder.build();
  }

  /**
   * Whether a body is sent only when the server asks for it: then a refusal (the key, the size) is
   * read as what it is, and not lost with a connection that breaks while the body is under way.
   *
   * @param bytes of the body; small ones are not worth the round trip
   */
  boolean waitsForContinue(long bytes) {
    // Before 21 the JDK's HTTP/2 client waits for ever when the answer is a refusal.
    boolean works = !address.tls() || Runtime.version().feature() >= 21;
    return works && bytes > SENT_UNASKED;
  }

  /** A request to a path of the server, with the credential. */
  HttpRequest.Builder request(String path) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(address.resolve(path));
    String authorization = credentials.authorization();
    if (authorization != null) {
      builder.header("Authorization", authorization);
    }
    if (project != null) {
      builder.header(MillraceHeaders.PROJECT, project);
    }
    return builder;
  }

  /**
   * Sends and waits for the whole answer.
   *
   * @param deadline longest time of the exchange; null waits as long as it takes
   * @return an answer of any status
   */
  <T> HttpResponse<T> exchange(
      HttpRequest request, HttpResponse.BodyHandler<T> handler, @Nullable Duration deadline) {
    if (closed.get()) {
      throw new IllegalStateException("this client is closed");
    }
    CompletableFuture<HttpResponse<T>> answer = client.sendAsync(request, handler);
    try {
      return deadline == null ? answer.get() : answer.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      answer.cancel(true);
      throw MillraceException.of(
          ErrorCode.DEADLINE_EXCEEDED,
          "%s did not answer within %d ms",
          address,
          deadline == null ? 0 : deadline.toMillis());
    } catch (InterruptedException interrupted) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw MillraceException.of(ErrorCode.CLIENT_CLOSED, "the calling thread was interrupted");
    } catch (ExecutionException failed) {
      throw unreachable(address, failed.getCause());
    }
  }

  /** Sends, waits, and raises what the server says unless its status is below 300. */
  HttpResponse<byte[]> call(HttpRequest request, @Nullable Duration deadline) {
    HttpResponse<byte[]> answer =
        exchange(request, HttpResponse.BodyHandlers.ofByteArray(), deadline);
    if (answer.statusCode() >= 300) {
      throw HttpFailures.read(answer.statusCode(), answer.headers(), answer.body());
    }
    return answer;
  }

  /** What it means when no answer came at all. */
  static MillraceException unreachable(ServerAddress address, @Nullable Throwable cause) {
    if (cause instanceof MillraceException known) {
      return known;
    }
    if (cause instanceof HttpConnectTimeoutException) {
      return connect(address, "the connection was not established in time");
    }
    if (cause instanceof HttpTimeoutException) {
      return MillraceException.of(
          ErrorCode.DEADLINE_EXCEEDED, "%s did not answer in time", address);
    }
    if (cause instanceof ConnectException) {
      return connect(address, "the connection was refused");
    }
    if (cause instanceof SSLException tls) {
      return connect(address, "TLS failed: " + tls.getMessage());
    }
    if (cause instanceof IOException broken) {
      String why =
          broken.getMessage() == null ? broken.getClass().getSimpleName() : broken.getMessage();
      return MillraceException.of(
              ErrorCode.OVERLOADED, "the connection to %s broke: %s", address, why)
          .withDetail(Millrace.STAGE_DETAIL, "connection");
    }
    return MillraceException.of(ErrorCode.INTERNAL, "the call to %s failed: %s", address, cause);
  }

  private static MillraceException connect(ServerAddress address, String why) {
    return MillraceException.of(ErrorCode.OVERLOADED, "no connection to %s: %s", address, why)
        .withDetail(Millrace.STAGE_DETAIL, "connect");
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      shutDownClient();
      executor.shutdownNow();
    }
  }

  /** JDK 21 and newer end the client's own thread at once; older ones when it is collected. */
  private void shutDownClient() {
    try {
      HttpClient.class.getMethod("shutdownNow").invoke(client);
    } catch (ReflectiveOperationException before21) {
      // Nothing to call: the selector thread ends with the last reference to the client.
    }
  }
}
