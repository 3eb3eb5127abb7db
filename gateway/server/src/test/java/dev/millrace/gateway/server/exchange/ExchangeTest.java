package dev.millrace.gateway.server.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExchangeTest {
  private final Vertx vertx = Vertx.vertx();
  private Handler<AsyncResult<Void>> end = ignored -> {};
  private boolean ended;

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void aClientThatIsGoneBeforeTheLastByteHasAbandonedTheCall() {
    var exchange = exchange();

    end.handle(Future.failedFuture("connection closed"));

    assertThat(exchange.abandoned()).isTrue();
    assertThat(exchange.cancelSignal().isCancelled()).isTrue();
  }

  @Test
  void aStreamThatClosesRightAfterTheLastByteIsNoAbandonedCall() {
    var exchange = exchange();

    // HTTP/2 may report the close that the end has brought about before the end itself.
    ended = true;
    end.handle(Future.failedFuture("connection closed"));

    assertThat(exchange.abandoned()).isFalse();
    assertThat(exchange.cancelSignal().isCancelled()).isFalse();
  }

  @SuppressWarnings("unchecked")
  private Exchange exchange() {
    var response = stub(HttpServerResponse.class, Map.of("ended", arguments -> ended));
    var request = stub(HttpServerRequest.class, Map.of("isEnded", arguments -> true));
    var context =
        stub(
            RoutingContext.class,
            Map.of(
                "vertx", arguments -> vertx,
                "request", arguments -> request,
                "response", arguments -> response,
                "addEndHandler",
                    arguments -> {
                      end = (Handler<AsyncResult<Void>>) arguments[0];
                      return 0;
                    }));
    return new Exchange(context, Protocol.GRPC);
  }

  private static <T> T stub(Class<T> type, Map<String, Function<Object[], Object>> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answers.get(method.getName()).apply(arguments)));
  }
}
