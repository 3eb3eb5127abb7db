package dev.millrace.gateway.server.proxy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.gateway.routing.CallTimeout;
import dev.millrace.gateway.routing.Replica;
import dev.millrace.gateway.routing.RequestTarget;
import dev.millrace.gateway.routing.Route;
import dev.millrace.gateway.server.config.ClusterOptions;
import dev.millrace.gateway.server.exchange.ClientBody;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.GrpcAnswer;
import dev.millrace.gateway.server.exchange.GrpcFrames;
import dev.millrace.gateway.server.follow.SnapshotLifecycle;
import dev.millrace.gateway.server.upstream.Deadline;
import dev.millrace.gateway.server.upstream.Upstream;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.gateway.server.upstream.UpstreamHeaders;
import dev.millrace.gateway.server.upstream.UpstreamRequest;
import dev.millrace.gateway.server.upstream.UpstreamRequest.Kind;
import dev.millrace.gateway.server.upstream.UpstreamResponse;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.ModelStatistics;
import dev.millrace.protocol.grpc.ModelStatisticsRequest;
import dev.millrace.protocol.grpc.ModelStatisticsResponse;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.oip.ModelStatisticsJson;
import dev.millrace.protocol.oip.ModelStatisticsSum;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The statistics of models: every replica that serves a version is asked, and what they counted is
 * added up. A replica that does not answer in time is left out; when none of a version's does, the
 * call fails rather than count nothing, unless it asks for all models: then that one is left out.
 */
@Singleton
class StatisticsHandler implements CallHandler {
  private static final String PATH = "/inference.GRPCInferenceService/ModelStatistics";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int FRAME_HEADER = 5;

  /** A request names a model and a version, nothing else. */
  private static final int LARGEST_REQUEST = 64 << 10;

  private final SnapshotLifecycle snapshots;
  private final Upstream upstream;
  private final String token;

  @Inject
  StatisticsHandler(SnapshotLifecycle snapshots, Upstream upstream, ClusterOptions cluster) {
    this.snapshots = snapshots;
    this.upstream = upstream;
    this.token = cluster.token();
  }

  @Override
  public void handle(Exchange exchange) {
    if (exchange.target() instanceof RequestTarget.Statistics wanted) {
      collect(exchange, wanted.endpoint(), wanted.version())
          .onFailure(exchange::fail)
          .onSuccess(models -> exchange.onLoop(() -> answerJson(exchange, models)));
      return;
    }
    new UpstreamBody.Streaming(new ClientBody(exchange, LARGEST_REQUEST), -1)
        .collect()
        .compose(
            frame -> {
              var request = request(exchange, frame);
              return collect(exchange, emptyAsNull(request.getName()), request.getVersion());
            })
        .onFailure(exchange::fail)
        .onSuccess(
            models ->
                exchange.onLoop(
                    () ->
                        GrpcAnswer.send(
                            exchange,
                            ModelStatisticsResponse.newBuilder()
                                .addAllModelStats(models)
                                .build())));
  }

  private static void answerJson(Exchange exchange, List<ModelStatistics> models) {
    try {
      var json = ControlJson.lenient().writeValueAsBytes(ModelStatisticsJson.of(models));
      exchange.answer(200, "application/json", Buffer.buffer(json));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("statistics are always JSON", impossible);
    }
  }

  private static @Nullable String emptyAsNull(String name) {
    return name.isEmpty() ? null : name;
  }

  private static ModelStatisticsRequest request(Exchange exchange, Buffer frame) {
    var encoding = exchange.request().getHeader("grpc-encoding");
    try {
      var body = ByteBuffer.wrap(frame.getBytes());
      return ModelStatisticsRequest.parseFrom(
          GrpcFrames.onlyMessage(body, encoding, LARGEST_REQUEST));
    } catch (InvalidProtocolBufferException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "malformed ModelStatisticsRequest: %s",
          malformed.getMessage());
    }
  }

  private Future<List<ModelStatistics>> collect(
      Exchange exchange, @Nullable String endpoint, @Nullable String version) {
    List<Route> routes =
        snapshots.view().routes().serving(exchange.identity().project(), endpoint, version);
    var sums = new ArrayList<Future<Optional<ModelStatistics>>>();
    for (var route : routes) {
      var sum = sum(exchange, route).map(Optional::of);
      sums.add(endpoint == null ? sum.otherwise(Optional.empty()) : sum);
    }
    return Future.all(sums)
        .map(
            all ->
                all.<Optional<ModelStatistics>>list().stream().flatMap(Optional::stream).toList());
  }

  private Future<ModelStatistics> sum(Exchange exchange, Route route) {
    var parts = new ArrayList<Future<Optional<ModelStatistics>>>();
    for (var replica : route.candidates()) {
      parts.add(ask(exchange, route, replica).map(Optional::of).otherwise(Optional.empty()));
    }
    return Future.all(parts)
        .map(
            all -> {
              var counted =
                  all.<Optional<ModelStatistics>>list().stream().flatMap(Optional::stream).toList();
              if (counted.isEmpty()) {
                throw MillraceException.of(
                        ErrorCode.OVERLOADED,
                        "no replica of '%s' version %d tells its statistics",
                        route.endpoint().name(),
                        route.target().version())
                    .withRetryAfter(Duration.ofSeconds(1));
              }
              return ModelStatisticsSum.of(counted);
            });
  }

  private Future<ModelStatistics> ask(Exchange exchange, Route route, Replica replica) {
    var deadline = Deadline.after(PATIENCE, System.nanoTime());
    var message = ModelStatisticsRequest.newBuilder().setName(route.endpoint().name()).build();
    var request =
        new UpstreamRequest(
            Kind.GRPC,
            HttpMethod.POST,
            PATH,
            headers(exchange, route),
            new UpstreamBody.Whole(GrpcAnswer.frame(message)),
            route,
            replica,
            deadline,
            exchange.cancelSignal());
    return upstream
        .send(request)
        .compose(StatisticsHandler::read)
        .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private UpstreamHeaders headers(Exchange exchange, Route route) {
    return new UpstreamHeaders(MultiMap.caseInsensitiveMultiMap())
        .set("content-type", "application/grpc")
        .set("te", "trailers")
        .set("grpc-timeout", CallTimeout.toGrpc(PATIENCE))
        .set(MillraceHeaders.INTERNAL_TARGET, route.target().toString())
        .set(MillraceHeaders.INTERNAL_ENDPOINT, route.endpoint().name())
        .set(MillraceHeaders.INTERNAL_PROJECT, exchange.identity().project())
        .set(MillraceHeaders.INTERNAL_TOKEN, token)
        .set(MillraceHeaders.REQUEST_ID, exchange.requestId());
  }

  private static Future<ModelStatistics> read(UpstreamResponse answer) {
    return answer
        .body()
        .collect()
        .map(
            frame -> {
              try (answer) {
                var bytes = frame.getBytes(FRAME_HEADER, frame.length());
                return ModelStatisticsResponse.parseFrom(bytes).getModelStats(0);
              } catch (InvalidProtocolBufferException | IndexOutOfBoundsException refused) {
                throw MillraceException.of(ErrorCode.INTERNAL, "a replica gave no statistics");
              }
            });
  }
}
