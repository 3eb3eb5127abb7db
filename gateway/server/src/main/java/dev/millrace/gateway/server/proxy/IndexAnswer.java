package dev.millrace.gateway.server.proxy;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.gateway.routing.IndexEntry;
import dev.millrace.gateway.routing.RepositoryIndex;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.GrpcAnswer;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.grpc.RepositoryIndexResponse;
import dev.millrace.protocol.grpc.RepositoryIndexResponse.ModelIndex;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The index of the repository in a caller's form, ready to be sent. Immutable.
 *
 * @param message for callers of gRPC; null for others
 * @param json for others
 */
record IndexAnswer(@Nullable RepositoryIndexResponse message, Buffer json, int leftOut) {
  /** Tells that the index is longer than what an answer takes, and by how much. */
  static final String LEFT_OUT = "millrace-index-left-out";

  /** The answer for callers of gRPC, or for others. */
  static IndexAnswer of(RepositoryIndex index, boolean grpc) {
    if (grpc) {
      var message = RepositoryIndexResponse.newBuilder();
      index.entries().forEach(entry -> message.addModels(model(entry)));
      return new IndexAnswer(message.build(), Buffer.buffer(), index.leftOut());
    }
    try {
      var models = index.entries().stream().map(IndexAnswer::fields).toList();
      var json = ControlJson.lenient().writeValueAsBytes(models);
      return new IndexAnswer(null, Buffer.buffer(json), index.leftOut());
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("an index is always JSON", impossible);
    }
  }

  /** Answers; does nothing when the call is answered or the client is gone. */
  void send(Exchange exchange) {
    if (leftOut > 0 && !exchange.response().headWritten()) {
      exchange.response().putHeader(LEFT_OUT, Integer.toString(leftOut));
    }
    if (message == null) {
      exchange.answer(200, "application/json", json);
    } else {
      GrpcAnswer.send(exchange, message);
    }
  }

  private static Map<String, String> fields(IndexEntry entry) {
    var fields = new LinkedHashMap<String, String>();
    fields.put("name", entry.endpoint());
    fields.put("version", Integer.toString(entry.version()));
    fields.put("state", entry.state().name());
    fields.put("reason", entry.reason());
    return fields;
  }

  private static ModelIndex model(IndexEntry entry) {
    return ModelIndex.newBuilder()
        .setName(entry.endpoint())
        .setVersion(Integer.toString(entry.version()))
        .setState(entry.state().name())
        .setReason(entry.reason())
        .build();
  }
}
