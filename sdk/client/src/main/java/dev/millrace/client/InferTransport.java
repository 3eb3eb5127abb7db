package dev.millrace.client;

import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.oip.ModelMetadata;
import dev.millrace.protocol.oip.ServerMetadata;
import java.time.Duration;

/**
 * The Open Inference Protocol over one way of travelling. Implementations are thread-safe; every
 * method fails with {@code MillraceException} only.
 */
interface InferTransport extends AutoCloseable {
  InferResponse infer(InferRequest request, Duration deadline);

  /** What a model takes and returns; an empty version lets the endpoint's traffic decide. */
  ModelMetadata modelMetadata(String model, String version);

  /** Whether a call would be answered now, or after waking the model. */
  boolean modelReady(String model, String version);

  ServerMetadata serverMetadata();

  /** Ends open calls and frees connections and threads. */
  @Override
  void close();
}
