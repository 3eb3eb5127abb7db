package dev.millrace.gateway.server.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.config.GatewayOptions.AccessLogFormat;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.protocol.control.ControlJson;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.Logger;

/**
 * One line per call in the category {@code millrace.access}, when asked for. Queries and headers
 * are left out: they may carry secrets. The fields of the line are also the record's context, so
 * that JSON logs have each of them by its name.
 */
@Singleton
public class AccessLog {
  private static final String CATEGORY = "millrace.access";
  private static final Logger LOG = Logger.getLogger(CATEGORY);

  private final Optional<AccessLogFormat> format;

  @Inject
  AccessLog(GatewayOptions options) {
    this.format = options.accessLog();
  }

  /** Writes the line of a call that is over. */
  public void write(Exchange exchange) {
    if (format.isEmpty()) {
      return;
    }
    var fields = fields(exchange);
    var record =
        new ExtLogRecord(
            Level.INFO,
            line(format.get(), fields),
            ExtLogRecord.FormatStyle.NO_FORMAT,
            AccessLog.class.getName());
    record.setLoggerName(CATEGORY);
    fields.forEach((name, value) -> record.putMdc(name, value.toString()));
    LOG.logRaw(record);
  }

  private static String line(AccessLogFormat format, Map<String, Object> fields) {
    if (format == AccessLogFormat.JSON) {
      try {
        return ControlJson.lenient().writeValueAsString(fields);
      } catch (JsonProcessingException impossible) {
        throw new IllegalStateException("fields are strings and numbers", impossible);
      }
    }
    return fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + field.getValue())
        .collect(Collectors.joining(" "));
  }

  private static Map<String, Object> fields(Exchange exchange) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("requestId", exchange.requestId());
    fields.put("protocol", exchange.protocol().label());
    fields.put("method", exchange.request().method().name());
    fields.put("path", String.valueOf(exchange.request().path()));
    var identity = exchange.identityIfKnown();
    if (identity != null) {
      fields.put("project", identity.project());
      fields.put("key", identity.keyId());
    }
    var route = exchange.route();
    if (route != null) {
      fields.put("endpoint", route.endpoint().name());
      fields.put("version", route.target().version());
    }
    fields.put("code", CallCode.of(exchange));
    fields.put("micros", (System.nanoTime() - exchange.startNanos()) / 1_000);
    fields.put("bytesIn", exchange.requestBytes());
    fields.put("bytesOut", exchange.responseBytes());
    return fields;
  }
}
