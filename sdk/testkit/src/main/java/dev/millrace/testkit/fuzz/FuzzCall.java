package dev.millrace.testkit.fuzz;

import java.util.List;
import java.util.Map;

/**
 * One request.
 *
 * @param form how it is sent
 * @param path of HTTP; the method's name for gRPC
 * @param headers beside those that its form needs
 * @param body the bytes; for {@link Form#FRAME} with gRPC's prefix of five
 * @param cuts lengths of the chunks that the body is sent in; empty when it is sent with its length
 */
record FuzzCall(
    Form form, String path, Map<String, String> headers, byte[] body, List<Integer> cuts)
    implements FuzzRequest {
  /** The way on the wire. */
  enum Form {
    /** HTTP/1.1 that is framed as it should be, whatever is in it: the connection must stay. */
    HTTP,
    /** HTTP/1.1 whose framing lies: the server may close the connection, after an answer or not. */
    BROKEN_HTTP,
    /** A message of gRPC, any bytes: the connection must stay. */
    GRPC,
    /** Frames of gRPC of which the last may lie: the server may reset the stream. */
    FRAME
  }

  @Override
  public String kind() {
    return form.name();
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    text.append(form).append(' ').append(path).append(' ').append(headers);
    if (!cuts.isEmpty()) {
      text.append(" in chunks of ").append(cuts);
    }
    return text.append(" body of ").append(Shown.bytes(body)).toString();
  }
}
