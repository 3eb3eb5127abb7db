package dev.millrace.client;

import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.oip.ModelMetadata;
import dev.millrace.protocol.oip.ServerMetadata;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A transport that is made by the first call: loading gRPC takes a few hundred milliseconds, which
 * a client that only uses the control API need not pay. Thread-safe.
 */
final class LazyTransport implements InferTransport {
  private final Supplier<InferTransport> source;
  private volatile @Nullable InferTransport made;
  private boolean closed;

  LazyTransport(Supplier<InferTransport> source) {
    this.source = source;
  }

  private InferTransport transport() {
    InferTransport present = made;
    return present != null ? present : make();
  }

  private synchronized InferTransport make() {
    InferTransport present = made;
    if (present != null) {
      return present;
    }
    if (closed) {
      throw new IllegalStateException("this client is closed");
    }
    InferTransport fresh = source.get();
    made = fresh;
    return fresh;
  }

  @Override
  public InferResponse infer(InferRequest request, Duration deadline) {
    return transport().infer(request, deadline);
  }

  @Override
  public ModelMetadata modelMetadata(String model, String version) {
    return transport().modelMetadata(model, version);
  }

  @Override
  public boolean modelReady(String model, String version) {
    return transport().modelReady(model, version);
  }

  @Override
  public ServerMetadata serverMetadata() {
    return transport().serverMetadata();
  }

  @Override
  public synchronized void close() {
    closed = true;
    InferTransport present = made;
    if (present != null) {
      present.close();
    }
  }
}
