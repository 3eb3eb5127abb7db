package dev.millrace.testkit.fuzz;

import static dev.millrace.testkit.fuzz.Mutations.utf8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.testkit.fuzz.FuzzCall.Form;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * One kept HTTP/1.1 connection, written by hand so that a lost one is noticed. It may be closed by
 * the server after a request whose framing lies and after {@code 413}, with {@code Connection:
 * close}; never otherwise. Not thread-safe.
 */
final class HttpWire implements AutoCloseable {
  private static final int HANG_MILLIS = 20_000;
  private static final int OK = 200;
  private static final int TOO_LARGE = 413;
  private static final int NO_CONTENT = 204;
  private static final int MAX_LINE = 65_536;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI server;
  private final @Nullable String key;
  private @Nullable Socket socket;
  private InputStream in = InputStream.nullInputStream();

  HttpWire(URI server, @Nullable String key) {
    this.server = server;
    this.key = key;
  }

  /**
   * An answer.
   *
   * @param headers by their names in small letters
   */
  record Answer(int status, Map<String, String> headers, byte[] body) {}

  /** Sends and judges. */
  Outcome send(FuzzCall call) {
    boolean broken = call.form() == Form.BROKEN_HTTP;
    try {
      Answer answer = exchange(call);
      boolean closing = "close".equalsIgnoreCase(answer.headers().getOrDefault("connection", ""));
      if (broken || closing) {
        close();
      }
      if (closing && !broken && answer.status() != TOO_LARGE) {
        // A body of this size is read to its end, so that the connection can stay.
        return Outcome.wrong("closed the connection after status " + answer.status());
      }
      return judge(answer, broken || !isUri(call.path()));
    } catch (SocketTimeoutException hang) {
      close();
      return Outcome.wrong("no answer for " + HANG_MILLIS + " ms");
    } catch (IOException lost) {
      close();
      return broken ? new Outcome("CLOSED", "") : Outcome.wrong("lost the connection: " + lost);
    }
  }

  private static boolean isUri(String path) {
    try {
      return new URI(path).getRawPath() != null;
    } catch (URISyntaxException malformed) {
      return false;
    }
  }

  /**
   * Judges.
   *
   * @param noHttp whether the server may refuse the request in its own form, without a body
   */
  private static Outcome judge(Answer answer, boolean noHttp) {
    if (answer.status() == OK) {
      return Outcome.of("OK");
    }
    if (noHttp && answer.body().length == 0) {
      // The server's own refusal of what is not HTTP.
      return answer.status() < 500
          ? new Outcome("REFUSED", "")
          : Outcome.wrong("status " + answer.status());
    }
    JsonNode error;
    try {
      error = JSON.readTree(answer.body());
    } catch (IOException notJson) {
      return Outcome.wrong(
          "status " + answer.status() + " without the error's form: " + text(answer));
    }
    String code = error.path("code").asText();
    boolean known =
        Stream.of(ErrorCode.values())
            .anyMatch(one -> one.name().equals(code) && one.httpStatus() == answer.status());
    if (!known || error.path("error").asText().isEmpty()) {
      return Outcome.wrong(
          "status " + answer.status() + " without the error's form: " + text(answer));
    }
    Outcome outcome = Outcome.of(code);
    return outcome.problem().isEmpty() ? outcome : Outcome.wrong("answered " + text(answer));
  }

  private static String text(Answer answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  /** Sends and reads the answer to its end. */
  Answer exchange(FuzzCall call) throws IOException {
    OutputStream out = connected().getOutputStream();
    out.write(utf8(head(call)));
    if (call.cuts().isEmpty()) {
      out.write(call.body());
    } else {
      int from = 0;
      for (int cut : call.cuts()) {
        out.write(utf8(Integer.toHexString(cut) + "\r\n"));
        out.write(call.body(), from, cut);
        out.write(utf8("\r\n"));
        out.flush();
        from += cut;
      }
      out.write(utf8("0\r\n\r\n"));
    }
    out.flush();
    if (call.form() == Form.BROKEN_HTTP) {
      connected().shutdownOutput();
    }
    return read();
  }

  private String head(FuzzCall call) {
    var head = new StringBuilder();
    head.append("POST ")
        .append(call.path())
        .append(" HTTP/1.1\r\nHost: ")
        .append(server.getAuthority());
    if (key != null) {
      head.append("\r\nAuthorization: Bearer ").append(key);
    }
    call.headers()
        .forEach((name, value) -> head.append("\r\n").append(name).append(": ").append(value));
    if (!call.cuts().isEmpty()) {
      head.append("\r\nTransfer-Encoding: chunked");
    } else if (call.form() == Form.HTTP) {
      head.append("\r\nContent-Length: ").append(call.body().length);
    }
    return head.append("\r\n\r\n").toString();
  }

  private Socket connected() throws IOException {
    Socket open = socket;
    if (open == null) {
      open = new Socket(server.getHost(), server.getPort());
      open.setSoTimeout(HANG_MILLIS);
      open.setTcpNoDelay(true);
      in = new BufferedInputStream(open.getInputStream());
      socket = open;
    }
    return open;
  }

  private Answer read() throws IOException {
    Answer answer = readAsSent();
    return switch (answer.headers().getOrDefault("content-encoding", "identity")) {
      case "gzip" -> plain(answer, new GZIPInputStream(new ByteArrayInputStream(answer.body())));
      case "deflate" ->
          plain(answer, new InflaterInputStream(new ByteArrayInputStream(answer.body())));
      default -> answer;
    };
  }

  private static Answer plain(Answer answer, InputStream body) throws IOException {
    return new Answer(answer.status(), answer.headers(), body.readAllBytes());
  }

  private Answer readAsSent() throws IOException {
    String status = line();
    if (!status.startsWith("HTTP/1.1 ")) {
      throw new IOException("not an answer: " + status);
    }
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, Math.max(colon, 0)).toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip());
    }
    int code = Integer.parseInt(status.substring(9, 12));
    if (code == NO_CONTENT) {
      return new Answer(code, headers, new byte[0]);
    }
    if (headers.containsKey("content-length")) {
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      return new Answer(code, headers, exactly(length));
    }
    if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      return new Answer(code, headers, chunks());
    }
    return new Answer(code, headers, in.readAllBytes());
  }

  private byte[] chunks() throws IOException {
    var body = new ByteArrayOutputStream();
    while (true) {
      int length = Integer.parseInt(line(), 16);
      body.writeBytes(exactly(length));
      line();
      if (length == 0) {
        return body.toByteArray();
      }
    }
  }

  private byte[] exactly(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("closed within an answer");
    }
    return bytes;
  }

  private String line() throws IOException {
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

  @Override
  public void close() {
    Socket open = socket;
    socket = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException gone) {
        // It is closed either way.
      }
    }
  }
}
