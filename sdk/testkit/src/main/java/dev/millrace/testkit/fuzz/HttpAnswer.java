package dev.millrace.testkit.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/**
 * An answer over HTTP/1.1.
 *
 * @param headers by their names in small letters
 */
record HttpAnswer(int status, Map<String, String> headers, byte[] body) {
  private static final int NO_CONTENT = 204;
  private static final int MAX_LINE = 65_536;

  /** Reads one to its end and inflates it. */
  static HttpAnswer read(InputStream in) throws IOException {
    HttpAnswer answer = readAsSent(in);
    return switch (answer.headers().getOrDefault("content-encoding", "identity")) {
      case "gzip" -> plain(answer, new GZIPInputStream(new ByteArrayInputStream(answer.body())));
      case "deflate" ->
          plain(answer, new InflaterInputStream(new ByteArrayInputStream(answer.body())));
      default -> answer;
    };
  }

  private static HttpAnswer plain(HttpAnswer answer, InputStream body) throws IOException {
    return new HttpAnswer(answer.status(), answer.headers(), body.readAllBytes());
  }

  private static HttpAnswer readAsSent(InputStream in) throws IOException {
    String status = line(in);
    if (!status.startsWith("HTTP/1.1 ")) {
      throw new IOException("not an answer: " + status);
    }
    Map<String, String> headers = new HashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, Math.max(colon, 0)).toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip());
    }
    int code = Integer.parseInt(status.substring(9, 12));
    if (code == NO_CONTENT) {
      return new HttpAnswer(code, headers, new byte[0]);
    }
    if (headers.containsKey("content-length")) {
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      return new HttpAnswer(code, headers, exactly(in, length));
    }
    if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      return new HttpAnswer(code, headers, chunks(in));
    }
    return new HttpAnswer(code, headers, in.readAllBytes());
  }

  private static byte[] chunks(InputStream in) throws IOException {
    var body = new ByteArrayOutputStream();
    while (true) {
      int length = Integer.parseInt(line(in), 16);
      body.writeBytes(exactly(in, length));
      line(in);
      if (length == 0) {
        return body.toByteArray();
      }
    }
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("closed within an answer");
    }
    return bytes;
  }

  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int value = in.read(); value != '\n'; value = in.read()) {
      if (value < 0 || line.size() > MAX_LINE) {
        throw new EOFException("closed before an answer");
      }
      if (value != '\r') {
        line.write(value);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}
