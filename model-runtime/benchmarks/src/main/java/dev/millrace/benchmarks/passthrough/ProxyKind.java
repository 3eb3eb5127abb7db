package dev.millrace.benchmarks.passthrough;

/** A way to pass gRPC through. */
public enum ProxyKind {
  /** Vert.x HTTP/2: data frames as they come, never put together to messages. */
  FRAMES("frames", "Vert.x HTTP/2, data frames as they come"),
  /** gRPC-Java at both ends, each message read into an array and written from it. */
  BYTES("bytes", "gRPC-Java with a byte marshaller"),
  /** vertx-grpc at both ends, each message put together and framed anew. */
  MESSAGES("messages", "vertx-grpc's byte-level handler");

  private final String word;
  private final String about;

  ProxyKind(String word, String about) {
    this.word = word;
    this.about = about;
  }

  /** One word for names in a report. */
  public String word() {
    return word;
  }

  /** What it is, in a line. */
  public String about() {
    return about;
  }

  /** The role of its process. */
  public String role() {
    return "proxy-" + word;
  }
}
