package dev.millrace.gateway.server.proxy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.google.protobuf.MessageLite;
import dev.millrace.gateway.routing.RequestTarget;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.GrpcAnswer;
import dev.millrace.gateway.server.follow.SnapshotLifecycle;
import dev.millrace.gateway.server.grpc.StandardHandler;
import dev.millrace.gateway.server.health.ReadyState;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.ServerLiveResponse;
import dev.millrace.protocol.grpc.ServerMetadataResponse;
import dev.millrace.protocol.grpc.ServerReadyResponse;
import dev.millrace.protocol.oip.Extensions;
import dev.millrace.protocol.oip.ServerMetadata;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What the gateway answers itself: health, server metadata, the list of text models, gRPC's own
 * services.
 */
@Singleton
class ServerHandler implements CallHandler {
  private static final String NAME = "millrace";

  private final SnapshotLifecycle snapshots;
  private final ReadyState state;
  private final StandardHandler standard;
  private final String version;

  @Inject
  ServerHandler(
      SnapshotLifecycle snapshots,
      ReadyState state,
      StandardHandler standard,
      @ConfigProperty(name = "quarkus.application.version", defaultValue = "unknown")
          String version) {
    this.snapshots = snapshots;
    this.state = state;
    this.standard = standard;
    this.version = version;
  }

  @Override
  public void handle(Exchange exchange) {
    switch (exchange.target()) {
      case RequestTarget.Live live -> json(exchange, 200, Map.of("live", true));
      case RequestTarget.Ready ready ->
          json(exchange, state.ready() ? 200 : 503, Map.of("ready", state.ready()));
      case RequestTarget.ServerInfo info ->
          json(exchange, 200, new ServerMetadata(NAME, version, Extensions.OFFERED));
      case RequestTarget.OpenAiModels models -> models(exchange, models);
      case RequestTarget.GrpcCall call -> GrpcAnswer.send(exchange, message(call));
      case RequestTarget.StandardCall call -> standard.handle(exchange, call.method());
      default -> throw new IllegalStateException("not answered here: " + exchange.target());
    }
  }

  private MessageLite message(RequestTarget.GrpcCall call) {
    return switch (call.method()) {
      case SERVER_LIVE -> ServerLiveResponse.newBuilder().setLive(true).build();
      case SERVER_READY -> ServerReadyResponse.newBuilder().setReady(state.ready()).build();
      default ->
          ServerMetadataResponse.newBuilder()
              .setName(NAME)
              .setVersion(version)
              .addAllExtensions(Extensions.OFFERED)
              .build();
    };
  }

  private void models(Exchange exchange, RequestTarget.OpenAiModels wanted) {
    var project = exchange.identity().project();
    var names = snapshots.view().routes().textEndpoints(project);
    var name = wanted.model();
    if (name == null) {
      var list = new LinkedHashMap<String, Object>();
      list.put("object", "list");
      list.put("data", names.stream().map(each -> model(each, project)).toList());
      json(exchange, 200, list);
    } else if (names.contains(name)) {
      json(exchange, 200, model(name, project));
    } else {
      throw MillraceException.of(ErrorCode.NOT_FOUND, "model '%s' not found", name)
          .withDetail("param", "model");
    }
  }

  private static Map<String, Object> model(String name, String project) {
    var model = new LinkedHashMap<String, Object>();
    model.put("id", name);
    model.put("object", "model");
    model.put("created", 0);
    model.put("owned_by", project);
    return model;
  }

  private static void json(Exchange exchange, int status, Object document) {
    try {
      exchange.answer(
          status,
          "application/json",
          Buffer.buffer(ControlJson.lenient().writeValueAsBytes(document)));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("a document of the gateway is always JSON", impossible);
    }
  }
}
