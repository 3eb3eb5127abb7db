package dev.millrace.gateway.server.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A limit in the three forms of its callers. */
class ErrorAnswerTest {
  private final Vertx vertx = Vertx.vertx();
  private final Map<String, String> headers = new HashMap<>();
  private int status;

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private static MillraceException over(ErrorCode code) {
    return MillraceException.of(code, "project 'shop' is over its 500 requests a second")
        .withDetail(GrpcErrors.SUBJECT_DETAIL, "project:shop")
        .withRetryAfter(Duration.ofMillis(1_500));
  }

  private byte[] answer(Protocol protocol, MillraceException failure) {
    var response =
        stub(
            HttpServerResponse.class,
            (method, arguments) -> {
              if (method.equals("putHeader")) {
                headers.put(arguments[0].toString(), arguments[1].toString());
              } else if (method.equals("setStatusCode")) {
                status = (Integer) arguments[0];
              }
            });
    var context =
        (RoutingContext)
            Proxy.newProxyInstance(
                RoutingContext.class.getClassLoader(),
                new Class<?>[] {RoutingContext.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "vertx" -> vertx;
                      case "response" -> response;
                      default -> 0;
                    });
    return ErrorAnswer.prepare(new Exchange(context, protocol), failure).getBytes();
  }

  private static <T> T stub(Class<T> type, BiConsumer<String, Object[]> seen) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              seen.accept(method.getName(), arguments);
              return proxy;
            }));
  }

  @ParameterizedTest
  @EnumSource(names = {"RATE_LIMITED", "QUOTA_EXCEEDED"})
  void aLimitOverRest(ErrorCode code) throws Exception {
    JsonNode body = ControlJson.lenient().readTree(answer(Protocol.HTTP, over(code)));
    assertThat(status).isEqualTo(429);
    assertThat(headers)
        .containsEntry("retry-after", "2")
        .containsEntry("content-type", "application/json");
    assertThat(body.path("code").asText()).isEqualTo(code.name());
    assertThat(body.path("retryable").asBoolean()).isTrue();
    assertThat(body.path("error").asText()).contains("shop");
  }

  @ParameterizedTest
  @EnumSource(names = {"RATE_LIMITED", "QUOTA_EXCEEDED"})
  void aLimitOnOpenAisRoutes(ErrorCode code) throws Exception {
    JsonNode error =
        ControlJson.lenient().readTree(answer(Protocol.OPENAI, over(code))).path("error");
    assertThat(status).isEqualTo(429);
    assertThat(headers)
        .containsEntry("retry-after", "2")
        .containsEntry("x-should-retry", "true")
        .containsEntry("content-type", "application/json");
    assertThat(error.path("type").asText()).isEqualTo("rate_limit_error");
    assertThat(error.path("code").asText()).isEqualTo(code.name());
    assertThat(error.has("param")).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"RATE_LIMITED", "QUOTA_EXCEEDED"})
  void aLimitOverGrpc(ErrorCode code) throws Exception {
    assertThat(answer(Protocol.GRPC, over(code))).isEmpty();
    assertThat(status).isEqualTo(200);
    assertThat(headers).containsEntry("grpc-status", "8");
    var details =
        Status.parseFrom(Base64.getDecoder().decode(headers.get("grpc-status-details-bin")))
            .getDetailsList();
    assertThat(details.get(1).unpack(RetryInfo.class).getRetryDelay().getNanos())
        .isEqualTo(500_000_000);
    assertThat(details.get(2).unpack(QuotaFailure.class).getViolations(0).getSubject())
        .isEqualTo("project:shop");
  }

  @ParameterizedTest
  @EnumSource(names = {"RATE_LIMITED", "QUOTA_EXCEEDED"})
  void aLimitThatDoesNotSayWhen(ErrorCode code) {
    answer(Protocol.OPENAI, MillraceException.of(code, "over"));
    assertThat(headers).containsEntry("retry-after", "1");
  }
}
