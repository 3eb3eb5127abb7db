package dev.millrace.gateway.server.telemetry;

import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.Protocol;
import dev.millrace.gateway.server.metrics.CallCode;
import dev.millrace.process.trace.Tracing;
import dev.millrace.protocol.http.MillraceHeaders;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Set;

/**
 * The span {@code gateway}: a call from its arrival to the last byte of its answer. Probes and
 * control calls have none: the former would bury the rest, the latter may be streams without an
 * end.
 */
@Singleton
public class CallSpans {
  private static final AttributeKey<String> PROJECT = AttributeKey.stringKey("millrace.project");
  private static final AttributeKey<String> ENDPOINT = AttributeKey.stringKey("millrace.endpoint");
  private static final AttributeKey<Long> VERSION = AttributeKey.longKey("millrace.version");
  private static final AttributeKey<String> PROTOCOL = AttributeKey.stringKey("millrace.protocol");
  private static final AttributeKey<String> CODE = AttributeKey.stringKey("millrace.code");
  private static final AttributeKey<String> REQUEST_ID =
      AttributeKey.stringKey("millrace.request_id");

  /** The gRPC statuses that are the platform's fault. */
  private static final Set<String> FAILURES =
      Set.of("UNKNOWN", "DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS");

  private final Tracing tracing;

  @Inject
  CallSpans(Tracing tracing) {
    this.tracing = tracing;
  }

  /** A call has arrived. */
  public void begin(Exchange exchange) {
    if (!tracing.on()
        || exchange.protocol() == Protocol.CONTROL
        || exchange.path().startsWith("/v2/health/")) {
      return;
    }
    var span =
        tracing.begin(
            "gateway",
            exchange.request().getHeader(MillraceHeaders.TRACEPARENT),
            exchange.startNanos());
    if (span != null) {
      exchange.span(span);
    }
  }

  /** A call is over. */
  public void end(Exchange exchange) {
    var span = exchange.span();
    if (span != null) {
      String code = CallCode.of(exchange);
      span.end(attributes(exchange, code), code.startsWith("5") || FAILURES.contains(code));
    }
  }

  private static Attributes attributes(Exchange exchange, String code) {
    AttributesBuilder attributes =
        Attributes.builder()
            .put(PROTOCOL, exchange.protocol().label())
            .put(CODE, code)
            .put(REQUEST_ID, exchange.requestId());
    var identity = exchange.identityIfKnown();
    if (identity != null) {
      attributes.put(PROJECT, identity.project());
    }
    var route = exchange.route();
    if (route != null) {
      attributes
          .put(ENDPOINT, route.endpoint().name())
          .put(VERSION, (long) route.target().version());
    }
    return attributes.build();
  }
}
