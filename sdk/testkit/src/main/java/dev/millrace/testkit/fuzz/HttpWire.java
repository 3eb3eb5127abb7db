package dev.millrace.testkit.fuzz;

import static dev.millrace.testkit.fuzz.Mutations.utf8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.testkit.fuzz.FuzzCall.Form;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
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
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI server;
  private final @Nullable String key;
  private @Nullable Socket socket;
  private InputStream in = InputStream.nullInputStream();

  HttpWire(URI server, @Nullable String key) {
    this.server = server;
    this.key = key;
  }

  /** Sends and judges. */
  Outcome send(FuzzCall call) {
    boolean broken = call.form() == Form.BROKEN_HTTP;
    try {
      HttpAnswer answer = exchange(call);
      boolean closing = "close".equalsIgnoreCase(answer.headers().getOrDefault("connection", ""));
      if (broken || closing) {
        close();
      }
      if (closing && !broken && answer.status() != TOO_LARGE) {
        // A body of this size is read to its end, so that the connection can stay.
        return Outcome.wrong("closed the connection after status " + answer.status());
      }
      return judge(answer, broken);
    } catch (SocketTimeoutException hang) {
      close();
      return Outcome.wrong("no answer for " + HANG_MILLIS + " ms");
    } catch (IOException lost) {
      close();
      return broken ? new Outcome("CLOSED", "") : Outcome.wrong("lost the connection: " + lost);
    }
  }

  /**
   * Judges.
   *
   * @param noHttp whether the server may refuse the request in its own form, without a body
   */
  private static Outcome judge(HttpAnswer answer, boolean noHttp) {
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

  private static String text(HttpAnswer answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  /** Sends and reads the answer to its end. */
  HttpAnswer exchange(FuzzCall call) throws IOException {
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
    return HttpAnswer.read(in);
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
