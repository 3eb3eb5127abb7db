package dev.millrace.gateway.server.exchange;

/** What a caller speaks: decides the form of errors, and is a label. */
public enum Protocol {
  /** Open Inference Protocol over REST. */
  HTTP("http"),
  /** OpenAI-style REST. */
  OPENAI("openai"),
  /** Open Inference Protocol over gRPC. */
  GRPC("grpc"),
  /** The control API. */
  CONTROL("control");

  private final String label;

  Protocol(String label) {
    this.label = label;
  }

  /** The value of the label {@code protocol}. */
  public String label() {
    return label;
  }
}
