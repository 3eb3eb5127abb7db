package dev.millrace.client;

import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.ModelMetadata;
import dev.millrace.protocol.tensor.Tensor;
import java.time.Duration;

/**
 * Calls one endpoint. Thread-safe, cheap to make and without state of its own: it lives as long as
 * the {@link Millrace} that made it.
 */
public final class EndpointClient {
  private final String name;
  private final InferTransport transport;
  private final Duration defaultDeadline;

  EndpointClient(String name, InferTransport transport, Duration defaultDeadline) {
    this.name = name;
    this.transport = transport;
    this.defaultDeadline = defaultDeadline;
  }

  /** The endpoint's name. */
  public String name() {
    return name;
  }

  /**
   * Sends the tensors and waits for all outputs, for at most the client's timeout.
   *
   * @throws MillraceException with the platform's code; INVALID_ARGUMENT names the tensor and what
   *     was expected
   */
  public InferResult infer(Tensor... inputs) {
    return infer(InferCall.of(inputs));
  }

  /**
   * Makes the call and waits for its answer, for at most its deadline.
   *
   * @throws MillraceException with the platform's code
   */
  public InferResult infer(InferCall call) {
    var version = call.version();
    var request =
        new InferRequest(
            name,
            version == null ? "" : version,
            call.id(),
            call.parameters(),
            call.inputs(),
            call.outputs());
    var deadline = call.deadline();
    return new InferResult(transport.infer(request, deadline == null ? defaultDeadline : deadline));
  }

  /** What the version that serves now takes and returns. */
  public ModelMetadata metadata() {
    return transport.modelMetadata(name, "");
  }

  /** What one version, by number or alias, takes and returns. */
  public ModelMetadata metadata(String version) {
    return transport.modelMetadata(name, version);
  }

  /** Whether a call would be answered; false when the endpoint is unknown or still loading. */
  public boolean ready() {
    return transport.modelReady(name, "");
  }
}
