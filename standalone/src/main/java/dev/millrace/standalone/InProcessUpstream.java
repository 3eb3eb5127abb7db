package dev.millrace.standalone;

import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.exchange.AnswerEncoding;
import dev.millrace.gateway.server.exchange.GrpcFrames;
import dev.millrace.gateway.server.upstream.Upstream;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.gateway.server.upstream.UpstreamHeaders;
import dev.millrace.gateway.server.upstream.UpstreamRequest;
import dev.millrace.gateway.server.upstream.UpstreamRequest.Kind;
import dev.millrace.gateway.server.upstream.UpstreamResponse;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.http.RequestIds;
import dev.millrace.runtime.server.body.BinaryBody;
import dev.millrace.runtime.server.body.BodyMemory;
import dev.millrace.runtime.server.oip.CallContext;
import dev.millrace.runtime.server.oip.Caller;
import dev.millrace.runtime.server.oip.Cancellation;
import dev.millrace.runtime.server.oip.GrpcReply;
import dev.millrace.runtime.server.oip.InferStream;
import dev.millrace.runtime.server.oip.OipCall;
import dev.millrace.runtime.server.oip.OipGrpcHandler;
import dev.millrace.runtime.server.oip.OipHttpHandler;
import dev.millrace.runtime.server.oip.OipReply;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The way to the runtime in the same process: the bytes that a network connection would carry are
 * handed to the runtime's handlers, and theirs come back uncopied. Answers are written on the
 * call's event loop, which sends them too: a call changes threads twice, there and back. Safe from
 * many threads.
 */
@Singleton
final class InProcessUpstream implements Upstream {
  /** The only headers that the runtime reads besides those that {@link CallContext} stands for. */
  private static final String[] READ = {
    "content-encoding", MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH
  };

  /** What the gateway says of every call itself, in the same words. */
  private static final Set<String> SAID_BY_GATEWAY =
      Set.of(MillraceHeaders.REQUEST_ID, MillraceHeaders.MODEL_VERSION, MillraceHeaders.REPLICA);

  private static final Runnable NOTHING = () -> {};

  private final Vertx vertx;
  private final OipHttpHandler http;
  private final OipGrpcHandler grpc;
  private final BodyMemory bodies;
  private final int largestMessage;

  InProcessUpstream(
      Vertx vertx,
      OipHttpHandler http,
      OipGrpcHandler grpc,
      BodyMemory bodies,
      GatewayOptions options) {
    this.vertx = vertx;
    this.http = http;
    this.grpc = grpc;
    this.bodies = bodies;
    this.largestMessage = (int) options.maxBodySize();
  }

  @Override
  public Future<UpstreamResponse> send(UpstreamRequest request) {
    var loop = vertx.getOrCreateContext();
    if (request.kind() == Kind.GRPC && rpc(request).equals(OipGrpcHandler.STREAM_RPC)) {
      return openStream(request, loop);
    }
    Executor answering = work -> loop.runOnContext(ignored -> work.run());
    if (request.kind() == Kind.HTTP && request.body() instanceof UpstreamBody.Streaming body) {
      var headers = request.headers();
      var binary =
          bodies.forBody(
              body.length(),
              headers.get(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH),
              headers.get("content-encoding"));
      if (binary != null) {
        return collect(request, body.stream(), binary)
            .compose(whole -> sendHttp(request, whole.bytes(), whole, answering));
      }
    }
    return request
        .body()
        .collect()
        .compose(
            body ->
                switch (request.kind()) {
                  case HTTP -> sendHttp(request, bytes(body), null, answering);
                  case GRPC -> sendGrpc(request, body, answering);
                });
  }

  /** Puts a body with tensors together where the runtime can use them in place. */
  private static Future<BinaryBody> collect(
      UpstreamRequest request, ReadStream<Buffer> stream, BinaryBody body) {
    Promise<BinaryBody> collected = Promise.promise();
    stream
        .exceptionHandler(collected::tryFail)
        .endHandler(end -> collected.tryComplete(body))
        .handler(chunk -> add(body, chunk));
    // Tried first, so that the memory is given back only when nobody fills or reads it.
    request.cancelSignal().onCancel(() -> collected.tryFail("the caller went away"));
    collected
        .future()
        .onFailure(
            broken -> {
              stream.handler(null);
              body.end(true);
            });
    stream.resume();
    return collected.future();
  }

  @SuppressWarnings("deprecation") // the only way to see a Vert.x 4 buffer without copying
  private static void add(BinaryBody body, Buffer chunk) {
    body.add(chunk.getByteBuf());
  }

  private Future<UpstreamResponse> sendHttp(
      UpstreamRequest request, ByteBuffer body, @Nullable BinaryBody pooled, Executor answering) {
    var call =
        new OipCall(
            request.method().name(),
            request.path(),
            read(request.headers()),
            body,
            context(request),
            pooled);
    var replied = http.handle(call, answering);
    if (pooled != null) {
      // For calls that end before an inference: that one says so itself, and says more.
      replied.whenComplete((reply, failure) -> pooled.end(false));
    }
    return answer(replied, InProcessUpstream::httpResponse);
  }

  private Future<UpstreamResponse> sendGrpc(
      UpstreamRequest request, Buffer body, Executor answering) {
    var encoding = answerEncoding(request);
    return message(body, request.headers().get("grpc-encoding"))
        .compose(
            message ->
                answer(
                    grpc.handle(rpc(request), message, context(request), answering),
                    reply -> grpcResponse(reply, encoding)));
  }

  /** The call's message; one that may be large is inflated elsewhere. */
  private Future<ByteBuffer> message(Buffer body, @Nullable String encoding) {
    ByteBuffer message;
    try {
      message = GrpcFrames.smallMessage(bytes(body), encoding, largestMessage, StreamInflow.SMALL);
    } catch (MillraceException malformed) {
      return Future.failedFuture(malformed);
    }
    return message != null
        ? Future.succeededFuture(message)
        : vertx
            .executeBlocking(
                () -> GrpcFrames.onlyMessage(bytes(body), encoding, largestMessage), false)
            .map(Objects::requireNonNull);
  }

  private static Future<ByteBuffer> onWorker(Context loop, Callable<ByteBuffer> work) {
    return loop.executeBlocking(work, false).map(Objects::requireNonNull);
  }

  private static String rpc(UpstreamRequest request) {
    String path = request.path();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private Future<UpstreamResponse> openStream(UpstreamRequest request, Context loop) {
    if (!(request.body() instanceof UpstreamBody.Streaming body)) {
      return Future.failedFuture(new IllegalArgumentException("a stream with a body in memory"));
    }
    var encoding = answerEncoding(request);
    var valve = new Valve(body.stream());
    var answers = new AnswerStream(loop, valve, encoding);
    boolean errorsEndIt =
        Boolean.parseBoolean(request.headers().get(OipGrpcHandler.ERRORS_END_STREAM));
    InferStream stream;
    try {
      stream = grpc.stream(context(request), errorsEndIt, answers);
    } catch (MillraceException refused) {
      return Future.failedFuture(refused);
    }
    request.cancelSignal().onCancel(stream::onCancel);
    var inflow =
        new StreamInflow(
            request.headers().get("grpc-encoding"),
            largestMessage,
            valve,
            work -> onWorker(loop, work),
            answers.counting(stream));
    body.stream()
        .exceptionHandler(broken -> stream.onCancel())
        .endHandler(end -> inflow.end())
        .handler(inflow::read);
    Promise<UpstreamResponse> answered = Promise.promise();
    var headers = grpcHeaders(MultiMap.caseInsensitiveMultiMap(), encoding);
    answered.complete(
        new UpstreamResponse(
            200, headers, new UpstreamBody.Streaming(answers, -1), answers::trailers, NOTHING));
    body.stream().resume();
    return answered.future();
  }

  private static <T> Future<UpstreamResponse> answer(
      CompletionStage<T> replied, Function<T, UpstreamResponse> response) {
    Promise<UpstreamResponse> answered = Promise.promise();
    replied.whenComplete(
        (reply, failure) -> {
          if (failure == null) {
            answered.complete(response.apply(reply));
          } else {
            answered.fail(failure);
          }
        });
    return answered.future();
  }

  private static UpstreamResponse httpResponse(OipReply reply) {
    return UpstreamResponse.http(
        reply.status(), headers(reply.headers()), reply.body(), reply::close);
  }

  private static @Nullable AnswerEncoding answerEncoding(UpstreamRequest request) {
    return AnswerEncoding.likeRequest(
        request.headers().get("grpc-encoding"), request.headers().get("grpc-accept-encoding"));
  }

  private static MultiMap grpcHeaders(MultiMap headers, @Nullable AnswerEncoding encoding) {
    headers.set("content-type", "application/grpc");
    return encoding == null ? headers : headers.set("grpc-encoding", encoding.token());
  }

  /** A long answer is there on a worker: it is compressed where it was written. */
  private static UpstreamResponse grpcResponse(GrpcReply reply, @Nullable AnswerEncoding encoding) {
    var headers = grpcHeaders(headers(reply.headers()), encoding);
    var trailers = MultiMap.caseInsensitiveMultiMap().set("grpc-status", "0");
    var frame = GrpcFrames.frame(reply.message(), encoding);
    if (frame.size() == 1) {
      reply.close();
      return UpstreamResponse.grpc(headers, frame, trailers, NOTHING);
    }
    return UpstreamResponse.grpc(headers, frame, trailers, reply::close);
  }

  private static MultiMap headers(Map<String, String> reply) {
    var headers = MultiMap.caseInsensitiveMultiMap();
    reply.forEach(
        (name, value) -> {
          if (!SAID_BY_GATEWAY.contains(name)) {
            headers.add(name, value);
          }
        });
    return headers;
  }

  /** What the runtime reads from headers when the call comes over a network. */
  static CallContext context(UpstreamRequest request) {
    var cancellation = new Cancellation();
    request.cancelSignal().onCancel(cancellation::cancel);
    return new CallContext(
        RequestIds.orNew(request.headers().get(MillraceHeaders.REQUEST_ID)),
        request.route().target(),
        request.route().endpoint().name(),
        request.deadline().atNanos(),
        Caller.of(
            request.headers().get(MillraceHeaders.PRIORITY),
            request.headers().get(MillraceHeaders.INTERNAL_PROJECT)),
        request.headers().get(MillraceHeaders.TRACEPARENT),
        cancellation);
  }

  /** By lower-case name; of repeated headers the first, as the runtime reads them from the net. */
  private static Map<String, String> read(UpstreamHeaders headers) {
    Map<String, String> found = Map.of();
    for (String name : READ) {
      String value = headers.get(name);
      if (value != null) {
        found = found.isEmpty() ? new HashMap<>(4) : found;
        found.put(name, value);
      }
    }
    return found;
  }

  @SuppressWarnings("deprecation") // the only way to see a Vert.x 4 buffer without copying
  private static ByteBuffer bytes(Buffer buffer) {
    return buffer.getByteBuf().nioBuffer();
  }
}
