package dev.millrace.testkit.oip;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** One connection of which every byte is written by hand. Fails after ten silent seconds. */
final class OipWire implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  private final Socket socket;

  OipWire(OipTarget target) throws IOException {
    socket = new Socket(target.baseUrl().getHost(), target.baseUrl().getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  OipWire send(String bytes) throws IOException {
    return send(bytes.getBytes(StandardCharsets.UTF_8));
  }

  OipWire send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** Reads one head, with an empty line at its end; empty when the server has closed. */
  String head() throws IOException {
    var head = new ByteArrayOutputStream();
    InputStream in = socket.getInputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      head.write(next);
      String text = head.toString(StandardCharsets.US_ASCII);
      if (text.endsWith("\r\n\r\n")) {
        return text;
      }
    }
    return head.toString(StandardCharsets.US_ASCII);
  }

  /** Reads one answer with a {@code Content-Length}. */
  Answer answer() throws IOException {
    String head = head();
    int length = 0;
    for (String line : head.split("\r\n", -1)) {
      if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
        length = Integer.parseInt(line.substring(15).strip());
      }
    }
    byte[] body = socket.getInputStream().readNBytes(length);
    return new Answer(head, new String(body, StandardCharsets.UTF_8));
  }

  /** Whether the server closes the connection now, without another byte. */
  boolean isClosed() throws IOException {
    return socket.getInputStream().read() < 0;
  }

  /**
   * Sends an HTTP/2 frame.
   *
   * @param type as in RFC 9113, 6
   */
  OipWire frame(int type, int flags, int stream, byte[] payload) throws IOException {
    return send(
        ByteBuffer.allocate(9 + payload.length)
            .put((byte) (payload.length >> 16))
            .putShort((short) payload.length)
            .put((byte) type)
            .put((byte) flags)
            .putInt(stream)
            .put(payload)
            .array());
  }

  /** Reads the next HTTP/2 frame. */
  Frame frame() throws IOException {
    var head = ByteBuffer.wrap(socket.getInputStream().readNBytes(9));
    int length = (head.get() & 0xff) << 16 | head.getShort() & 0xffff;
    int type = head.get();
    int flags = head.get();
    return new Frame(type, flags, head.getInt(), socket.getInputStream().readNBytes(length));
  }

  /** One answer of HTTP/1.1. */
  record Answer(String head, String body) {
    int status() {
      return Integer.parseInt(head.substring(9, 12));
    }
  }

  /** One frame of HTTP/2. */
  record Frame(int type, int flags, int stream, byte[] payload) {}

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
