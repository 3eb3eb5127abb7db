package dev.millrace.testkit.oip;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.ErrorJson;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The REST side of the reference server: as little as the suite needs. */
final class ReferenceRest implements HttpHandler {
  private static final Pattern MODEL =
      Pattern.compile("/v2/models/([^/]+)(?:/versions/([0-9]+))?(/[a-z]+)?");
  private static final String SIGNATURE =
      "{\"name\":\"linear\",\"versions\":[\"1\"],\"platform\":\"onnxruntime_onnx\","
          + "\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,4]}],"
          + "\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[-1,3]}]}";
  private static final String CONFIG =
      "{\"name\":\"linear\",\"input\":[{\"name\":\"x\",\"data_type\":\"TYPE_FP32\"}],"
          + "\"output\":[{\"name\":\"y\"}]}";

  private final long limit;

  ReferenceRest(long limit) {
    this.limit = limit;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    EncodedBody answer;
    int status = 200;
    byte[] body = exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().set(MillraceHeaders.REQUEST_ID, "r-1");
    try {
      answer = route(exchange, body);
    } catch (MillraceException failure) {
      status = failure.code().httpStatus();
      answer = json(new String(ErrorJson.write(failure), StandardCharsets.UTF_8));
      if (failure.code() == ErrorCode.UNAUTHENTICATED) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
      }
    }
    exchange.getResponseHeaders().set("Content-Type", answer.contentType());
    if (answer.binary()) {
      exchange
          .getResponseHeaders()
          .set(
              MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH,
              Integer.toString(answer.jsonLength()));
    }
    exchange.sendResponseHeaders(status, answer.size());
    ByteBuffer bytes = answer.joined();
    exchange.getResponseBody().write(bytes.array(), bytes.position(), bytes.remaining());
    exchange.close();
  }

  private static EncodedBody json(String json) {
    return new EncodedBody(
        java.util.List.of(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8))), -1);
  }

  private EncodedBody route(HttpExchange exchange, byte[] body) {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/v2/health/live")) {
      return json("{\"live\":true}");
    }
    if (path.equals("/v2/health/ready")) {
      return json("{\"ready\":true}");
    }
    ReferenceModel.authenticate(exchange.getRequestHeaders().getFirst("Authorization"));
    if (path.equals("/v2")) {
      verb(exchange, "GET");
      return json(
          "{\"name\":\"r\",\"version\":\"1\",\"extensions\":[\"binary_tensor_data\",\"model_configuration\"]}");
    }
    Matcher model = MODEL.matcher(path);
    if (!model.matches()) {
      throw MillraceException.of(ErrorCode.NOT_FOUND, "no such path");
    }
    String version = model.group(2) == null ? "" : model.group(2);
    ReferenceModel.require(model.group(1), version);
    String action = model.group(3) == null ? "" : model.group(3);
    return switch (action) {
      case "" -> json(SIGNATURE);
      case "/ready" -> json("{\"name\":\"linear\",\"ready\":true}");
      case "/config" -> json(CONFIG);
      case "/infer" -> infer(exchange, body);
      default -> throw MillraceException.of(ErrorCode.NOT_FOUND, "no such path");
    };
  }

  private static void verb(HttpExchange exchange, String allowed) {
    if (!exchange.getRequestMethod().equals(allowed)) {
      exchange.getResponseHeaders().set("Allow", allowed);
      throw MillraceException.of(ErrorCode.METHOD_NOT_ALLOWED, "use " + allowed);
    }
  }

  private EncodedBody infer(HttpExchange exchange, byte[] body) {
    verb(exchange, "POST");
    if (exchange.getRequestHeaders().containsKey("Content-Encoding")) {
      throw MillraceException.of(ErrorCode.UNSUPPORTED_MEDIA, "no encoding is taken here");
    }
    if (body.length > limit) {
      throw MillraceException.of(ErrorCode.PAYLOAD_TOO_LARGE, "at most %d bytes", limit);
    }
    String header =
        exchange.getRequestHeaders().getFirst(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH);
    InferRequest request =
        HttpInferCodec.decodeRequest(
            ByteBuffer.wrap(body), HttpInferCodec.jsonLength(header, body.length));
    return HttpInferCodec.encodeResponse(ReferenceModel.infer(request), request);
  }
}
