package dev.millrace.gateway.server.proxy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.millrace.gateway.routing.RequestTarget.GrpcCall;
import dev.millrace.gateway.routing.RequestTarget.RepositoryList;
import dev.millrace.gateway.routing.RequestTarget.RepositoryModel;
import dev.millrace.gateway.server.exchange.ClientBody;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.GrpcAnswer;
import dev.millrace.gateway.server.exchange.GrpcFrames;
import dev.millrace.gateway.server.follow.SnapshotLifecycle;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.RepositoryIndexRequest;
import dev.millrace.protocol.grpc.RepositoryModelLoadRequest;
import dev.millrace.protocol.grpc.RepositoryModelLoadResponse;
import dev.millrace.protocol.grpc.RepositoryModelUnloadRequest;
import dev.millrace.protocol.grpc.RepositoryModelUnloadResponse;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.internal.RepositoryChange;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The repository of models, which is the caller's project: its index comes out of the routing
 * table; loading and unloading are writes that the registry makes, after which the call waits until
 * this gateway routes accordingly.
 */
@Singleton
class RepositoryHandler implements CallHandler {
  /** A request names a model and some settings; files are not taken. */
  private static final int LARGEST_REQUEST = 1 << 20;

  private static final int FRAME_HEADER = 5;

  private final SnapshotLifecycle snapshots;
  private final RegistryLink registry;

  @Inject
  RepositoryHandler(SnapshotLifecycle snapshots, RegistryLink registry) {
    this.snapshots = snapshots;
    this.registry = registry;
  }

  @Override
  public void handle(Exchange exchange) {
    switch (exchange.target()) {
      case RepositoryList list -> {
        requireOwn(exchange, list.repository());
        body(exchange, RepositoryRequest::onlyReady)
            .compose(ready -> index(exchange, ready))
            .onFailure(exchange::fail)
            .onSuccess(index -> exchange.onLoop(() -> index.send(exchange)));
      }
      case RepositoryModel model -> {
        requireOwn(exchange, model.repository());
        body(exchange, model.load() ? RepositoryRequest::config : RepositoryHandler::unloads)
            .map(config -> change(exchange, model.model(), model.load(), config))
            .compose(change -> make(exchange, change))
            .onFailure(exchange::fail)
            .onSuccess(made -> exchange.onLoop(() -> exchange.answerEmpty(200)));
      }
      case GrpcCall call -> grpc(exchange, call);
      default -> throw new IllegalStateException("not answered here: " + exchange.target());
    }
  }

  private void grpc(Exchange exchange, GrpcCall call) {
    switch (call.method()) {
      case REPOSITORY_INDEX ->
          message(exchange, RepositoryIndexRequest.parser())
              .compose(
                  request -> {
                    requireOwn(exchange, request.getRepositoryName());
                    return index(exchange, request.getReady());
                  })
              .onFailure(exchange::fail)
              .onSuccess(index -> exchange.onLoop(() -> index.send(exchange)));
      case REPOSITORY_MODEL_LOAD ->
          message(exchange, RepositoryModelLoadRequest.parser())
              .compose(
                  request -> {
                    requireOwn(exchange, request.getRepositoryName());
                    var config = RepositoryRequest.config(request.getParametersMap());
                    return make(exchange, change(exchange, request.getModelName(), true, config));
                  })
              .onFailure(exchange::fail)
              .onSuccess(made -> send(exchange, RepositoryModelLoadResponse.getDefaultInstance()));
      default ->
          message(exchange, RepositoryModelUnloadRequest.parser())
              .compose(
                  request -> {
                    requireOwn(exchange, request.getRepositoryName());
                    RepositoryRequest.checkUnload(request.getParametersMap());
                    var name = request.getModelName();
                    return make(exchange, change(exchange, name, false, Optional.empty()));
                  })
              .onFailure(exchange::fail)
              .onSuccess(
                  made -> send(exchange, RepositoryModelUnloadResponse.getDefaultInstance()));
    }
  }

  private static void send(Exchange exchange, Message answer) {
    exchange.onLoop(() -> GrpcAnswer.send(exchange, answer));
  }

  private static Optional<String> unloads(InputStream body) {
    RepositoryRequest.checkUnload(body);
    return Optional.empty();
  }

  /** There is one repository for each project; other projects' are not told from none. */
  private static void requireOwn(Exchange exchange, @Nullable String repository) {
    if (repository != null
        && !repository.isEmpty()
        && !repository.equals(exchange.identity().project())) {
      throw MillraceException.of(
          ErrorCode.NOT_FOUND, "repository '%s' not found (expected: none)", repository);
    }
  }

  private static RepositoryChange change(
      Exchange exchange, String name, boolean load, Optional<String> config) {
    if (name.isEmpty()) {
      throw MillraceException.of(ErrorCode.INVALID_ARGUMENT, "the call names no model");
    }
    var caller = exchange.identity();
    return new RepositoryChange(caller.project(), name, caller.keyId(), load, config.orElse(null));
  }

  /** Written, and then seen by this gateway. */
  private Future<Void> make(Exchange exchange, RepositoryChange change) {
    var wait = new RepositoryWait(exchange, snapshots, change, () -> ask(exchange, change));
    return ask(exchange, change)
        .compose(
            made -> {
              var seen = Promise.<Void>promise();
              exchange.onLoop(() -> wait.begin(made).onComplete(seen));
              return seen.future();
            });
  }

  private Future<RepositoryChange.Made> ask(Exchange exchange, RepositoryChange change) {
    return exchange
        .context()
        .vertx()
        .executeBlocking(() -> registry.repository(change), false)
        .recover(broken -> Future.failedFuture(known(broken)))
        .map(Objects::requireNonNull);
  }

  private static Throwable known(Throwable broken) {
    if (!(broken instanceof IOException)) {
      return broken;
    }
    return MillraceException.of(
            ErrorCode.OVERLOADED, "the registry cannot be reached: %s", broken.getMessage())
        .withRetryAfter(Duration.ofSeconds(1));
  }

  /** Off the event loop: the table of a large platform takes a while to walk. */
  private Future<IndexAnswer> index(Exchange exchange, boolean onlyReady) {
    var routes = snapshots.view().routes();
    var project = exchange.identity().project();
    boolean grpc = exchange.target() instanceof GrpcCall;
    return exchange
        .context()
        .vertx()
        .executeBlocking(() -> IndexAnswer.of(routes.index(project, onlyReady), grpc), false)
        .map(Objects::requireNonNull);
  }

  private static <T> Future<T> body(Exchange exchange, Function<InputStream, T> look) {
    long announced = RequestBody.checkedLength(exchange, LARGEST_REQUEST);
    return RequestBody.streaming(exchange, LARGEST_REQUEST, announced)
        .collect()
        .compose(body -> BodyScan.scan(exchange, body, LARGEST_REQUEST, look));
  }

  private static <T> Future<T> message(Exchange exchange, Parser<T> parser) {
    var encoding = exchange.request().getHeader("grpc-encoding");
    return new UpstreamBody.Streaming(new ClientBody(exchange, LARGEST_REQUEST + FRAME_HEADER), -1)
        .collect()
        .map(frame -> parsed(frame, encoding, parser));
  }

  private static <T> T parsed(Buffer frame, @Nullable String encoding, Parser<T> parser) {
    try {
      var body = ByteBuffer.wrap(frame.getBytes());
      return parser.parseFrom(GrpcFrames.onlyMessage(body, encoding, LARGEST_REQUEST));
    } catch (InvalidProtocolBufferException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "malformed message: %s", malformed.getMessage());
    }
  }
}
