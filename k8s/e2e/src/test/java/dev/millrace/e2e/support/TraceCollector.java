package dev.millrace.e2e.support;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.GZIPInputStream;

/** An OTLP receiver on loopback: HTTP with protobuf, of which it reads what tests ask about. */
public final class TraceCollector implements AutoCloseable {
  // Field numbers of opentelemetry/proto/collector/trace/v1 and trace/v1.
  private static final int RESOURCE_SPANS = 1;
  private static final int SCOPE_SPANS = 2;
  private static final int SPANS = 2;

  private final HttpServer server;
  private final Queue<ReceivedSpan> spans = new ConcurrentLinkedQueue<>();

  /** A span; ids in lower-case hexadecimal. */
  public record ReceivedSpan(String traceId, String spanId, String parentId, String name) {}

  /** Listens on a free port. */
  public TraceCollector() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/traces", this::receive);
    server.start();
  }

  /** Where to send spans. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces");
  }

  /** What came so far of one trace. */
  public List<ReceivedSpan> trace(String traceId) {
    return spans.stream().filter(span -> span.traceId().equals(traceId)).toList();
  }

  private void receive(HttpExchange exchange) throws IOException {
    var body = exchange.getRequestBody();
    boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("content-encoding"));
    byte[] bytes = (gzip ? new GZIPInputStream(body) : body).readAllBytes();
    for (ByteString resource : field(ByteString.copyFrom(bytes), RESOURCE_SPANS)) {
      for (ByteString scope : field(resource, SCOPE_SPANS)) {
        field(scope, SPANS).forEach(span -> spans.add(span(span)));
      }
    }
    exchange.getResponseHeaders().set("content-type", "application/x-protobuf");
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  private static ReceivedSpan span(ByteString span) {
    return new ReceivedSpan(
        hex(span, 1), hex(span, 2), hex(span, 4), field(span, 5).getFirst().toStringUtf8());
  }

  private static String hex(ByteString message, int number) {
    var values = field(message, number);
    return values.isEmpty() ? "" : HexFormat.of().formatHex(values.getFirst().toByteArray());
  }

  /** The values of one field of bytes. */
  private static List<ByteString> field(ByteString message, int number) {
    var values = new ArrayList<ByteString>();
    int wanted = number << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    CodedInputStream in = message.newCodedInput();
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == wanted) {
          values.add(in.readBytes());
        } else {
          in.skipField(tag);
        }
      }
    } catch (IOException malformed) {
      throw new UncheckedIOException(malformed);
    }
    return values;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
