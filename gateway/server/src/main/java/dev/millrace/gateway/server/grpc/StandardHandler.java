package dev.millrace.gateway.server.grpc;

import dev.millrace.gateway.routing.StandardMethod;
import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.filter.DrainState;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.reflection.v1.ServerReflectionRequest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Answers {@code grpc.health.v1} and {@code grpc.reflection}. */
@Singleton
public class StandardHandler {
  private final HealthService health;
  private final ReflectionIndex reflection = ReflectionIndex.ofGateway();
  private final DrainState drain;
  private final Duration longest;

  @Inject
  StandardHandler(HealthService health, DrainState drain, GatewayOptions options) {
    this.health = health;
    this.drain = drain;
    this.longest = options.longestStream();
  }

  /** Answers one call; runs on its event loop. */
  public void handle(Exchange exchange, StandardMethod method) {
    var answer = new OwnAnswer(exchange);
    var call = new OwnCall(exchange, answer, drain, longest);
    switch (method) {
      case HEALTH_CHECK ->
          call.one(
              HealthCheckRequest.parser(),
              request -> {
                answer.send(health.check(exchange, request.getService()));
                answer.end();
              });
      case HEALTH_WATCH ->
          call.one(
              HealthCheckRequest.parser(), request -> health.watch(call, request.getService()));
      // Both versions have the same messages under different names.
      case REFLECTION_V1, REFLECTION_V1ALPHA -> {
        call.lasting(() -> {});
        call.each(
            ServerReflectionRequest.parser(), request -> answer.send(reflection.answer(request)));
      }
    }
  }
}
