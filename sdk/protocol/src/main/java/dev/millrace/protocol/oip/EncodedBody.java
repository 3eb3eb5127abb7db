package dev.millrace.protocol.oip;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A message body ready to be sent: the JSON part first, then the tensors' own buffers, not copied.
 *
 * <p>The buffers belong to whoever made the tensors and must stay unchanged until they are sent.
 *
 * @param parts the body in order; each part counts from its position to its limit
 * @param jsonLength bytes of the JSON part, to be sent as {@code Inference-Header-Content-Length};
 *     -1 when the whole body is JSON and that header must be absent
 */
public record EncodedBody(List<ByteBuffer> parts, int jsonLength) {
  /** The media type of a body without binary parts. */
  public static final String JSON = "application/json";

  /** The media type of a body with binary parts. */
  public static final String OCTET_STREAM = "application/octet-stream";

  /** The bytes of all parts. */
  public long size() {
    long size = 0;
    for (int i = 0; i < parts.size(); i++) {
      size += parts.get(i).remaining();
    }
    return size;
  }

  /** Whether binary tensor data follow the JSON part. */
  public boolean binary() {
    return jsonLength >= 0;
  }

  /** The value of {@code Content-Type}: exactly {@link #JSON} or {@link #OCTET_STREAM}. */
  public String contentType() {
    return binary() ? OCTET_STREAM : JSON;
  }

  /** The body as one buffer: the single part itself, or a copy of several. */
  public ByteBuffer joined() {
    if (parts.size() == 1) {
      return parts.get(0).duplicate();
    }
    ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(size()));
    int at = 0;
    for (int i = 0; i < parts.size(); i++) {
      ByteBuffer part = parts.get(i);
      all.put(at, part, part.position(), part.remaining());
      at += part.remaining();
    }
    return all;
  }
}
