package dev.millrace.testkit.fuzz;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One request.
 *
 * @param form how it is sent
 * @param path of HTTP; empty for gRPC
 * @param headers beside those that its form needs
 * @param body the bytes; for {@link Form#FRAME} with gRPC's prefix of five
 * @param cuts lengths of the chunks that the body is sent in; empty when it is sent with its length
 */
record FuzzCall(
    Form form, String path, Map<String, String> headers, byte[] body, List<Integer> cuts) {
  private static final int SHOWN = 3_000;

  /** The way on the wire. */
  enum Form {
    /** HTTP/1.1 that is framed as it should be, whatever is in it: the connection must stay. */
    HTTP,
    /** HTTP/1.1 whose framing lies: the server may close the connection, after an answer or not. */
    BROKEN_HTTP,
    /** A message of gRPC, any bytes: the connection must stay. */
    GRPC,
    /** A frame of gRPC whose prefix may lie: the server may reset the stream. */
    FRAME
  }

  /** The request so that it can be written into a test. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    text.append(form).append(' ').append(path).append(' ').append(headers);
    if (!cuts.isEmpty()) {
      text.append(" in chunks of ").append(cuts);
    }
    text.append(" body of ").append(body.length).append(" bytes: \"");
    for (int i = 0; i < Math.min(body.length, SHOWN); i++) {
      int value = body[i] & 0xff;
      if (value >= ' ' && value < 0x7f && value != '\\') {
        text.append((char) value);
      } else {
        text.append(String.format(Locale.ROOT, "\\x%02x", value));
      }
    }
    return text.append(body.length > SHOWN ? "\"…" : "\"").toString();
  }
}
