package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.ModelStatisticsJson;
import dev.millrace.protocol.tensor.TensorMemory;
import dev.millrace.runtime.server.body.BinaryBody;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.openai.TextRoute;
import dev.millrace.runtime.server.replica.Replicas;
import dev.millrace.runtime.server.replica.ServedVersion;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * The Open Inference Protocol over HTTP and the text routes, without a transport. Never blocks,
 * from any thread; the reply may come on any thread, so a transport goes back to its own.
 */
@Singleton
public class OipHttpHandler {
  /** Up to here one buffer is cheaper than several that need not be copied. */
  private static final int SMALL = 4 << 10;

  private static final Runnable NOTHING = () -> {};

  private final Replicas replicas;
  private final InferenceFlow flow;
  private final TextHandler text;
  private final ServerDescription server;
  private final ModelConfigs configs;
  private final Statistics statistics;
  private final int maxBodyBytes;

  /** What describes the server and its models. */
  @Singleton
  record Descriptions(ServerDescription server, ModelConfigs configs, Statistics statistics) {}

  OipHttpHandler(
      Replicas replicas,
      InferenceFlow flow,
      TextHandler text,
      Descriptions descriptions,
      RuntimeOptions options) {
    this.configs = descriptions.configs();
    this.statistics = descriptions.statistics();
    this.replicas = replicas;
    this.flow = flow;
    this.text = text;
    this.server = descriptions.server();
    this.maxBodyBytes = options.limits().maxBodyBytes();
  }

  /**
   * Answers one call.
   *
   * @return never fails: a failure is a reply too
   */
  public CompletionStage<OipReply> handle(OipCall call) {
    return handle(call, Runnable::run);
  }

  /**
   * Answers one call; what is short to write is written on a thread of the transport.
   *
   * @param answering runs that short work, for example on the connection's event loop; the thread
   *     that computes batches is then free for the next one
   * @return never fails: a failure is a reply too
   */
  public CompletionStage<OipReply> handle(OipCall call, Executor answering) {
    try {
      return route(call, answering);
    } catch (RuntimeException failure) {
      return CompletableFuture.completedFuture(failed(call, failure));
    }
  }

  /** The answer to a call that a transport refuses by itself. */
  public OipReply refusal(String path, MillraceException failure, String requestId) {
    return ErrorReplies.on(path, failure, requestId);
  }

  /** What a transport says of a body that is longer than the limit. */
  public MillraceException tooLarge() {
    return ContentDecoding.tooLarge(maxBodyBytes);
  }

  private OipReply failed(OipCall call, Throwable failure) {
    String requestId = call.context().requestId();
    return ErrorReplies.on(call.path(), Failures.of(failure, requestId), requestId);
  }

  private CompletionStage<OipReply> route(OipCall call, Executor answering) {
    OipRoute route =
        OipRoute.parse(call.path(), call.context().endpoint())
            .orElseThrow(
                () -> MillraceException.of(ErrorCode.NOT_FOUND, "no route '%s'", call.path()));
    if (!route.kind().allows(call.method())) {
      throw MillraceException.of(
              ErrorCode.METHOD_NOT_ALLOWED,
              "%s %s (expected: %s)",
              call.method(),
              call.path(),
              route.kind().verb())
          .withDetail("allow", route.kind().verb());
    }
    return switch (route.kind()) {
      case LIVE -> now(call, 200, Map.of("live", true));
      case READY -> {
        boolean ready = replicas.accepting();
        yield now(call, ready ? 200 : 503, Map.of("ready", ready));
      }
      case SERVER_METADATA -> now(call, 200, server.metadata());
      case MODEL_READY -> {
        replicas.requireReady(call.context().requireTarget());
        yield now(call, 200, ready(route.endpoint()));
      }
      case MODEL_METADATA ->
          now(call, 200, ModelDescription.metadata(route.endpoint(), served(call)));
      case MODEL_CONFIG -> {
        var config = configs.of(route.endpoint(), served(call));
        yield now(call, 200, ModelConfigJson.of(config));
      }
      case MODEL_STATISTICS ->
          now(
              call,
              200,
              ModelStatisticsJson.of(
                  List.of(statistics.of(route.endpoint(), call.context().requireTarget()))));
      case INFER -> infer(call, route.endpoint(), answering);
      case TEXT ->
          text.handle(call, TextRoute.at(call.path()).orElseThrow())
              .exceptionally(failure -> failed(call, failure));
    };
  }

  private ServedVersion served(OipCall call) {
    return replicas.describe(call.context().requireTarget());
  }

  private CompletionStage<OipReply> infer(OipCall call, String endpoint, Executor answering) {
    return flow.run(call.context(), endpoint, weight(call), new Ends(call, answering));
  }

  /** How this protocol reads and writes one call. */
  private final class Ends implements InferenceFlow.Codec<OipReply> {
    private final OipCall call;
    private final Executor answering;

    Ends(OipCall call, Executor answering) {
      this.call = call;
      this.answering = answering;
    }

    @Override
    public InferRequest decode(TensorMemory memory) {
      return OipHttpHandler.this.decode(call, memory);
    }

    @Override
    public OipReply encode(InferenceFlow.Computed computed) {
      return OipHttpHandler.encode(computed);
    }

    @Override
    public long size(OipReply reply) {
      return reply.size();
    }

    @Override
    public OipReply refusal(MillraceException failure) {
      return ErrorReplies.on(call.path(), failure, call.context().requestId());
    }

    @Override
    public void inputsEnd(boolean read) {
      BinaryBody.end(call.pooled(), read);
    }

    @Override
    public Executor answering() {
      return answering;
    }
  }

  /** A compressed body may be short and its decoding long: it never runs on the caller's thread. */
  private static long weight(OipCall call) {
    return ContentDecoding.isIdentity(call.headers().get("content-encoding"))
        ? call.body().remaining()
        : Math.max(call.body().remaining(), Workers.INLINE_BYTES + 1);
  }

  private InferRequest decode(OipCall call, TensorMemory memory) {
    ByteBuffer body =
        ContentDecoding.decode(call.headers().get("content-encoding"), call.body(), maxBodyBytes);
    int jsonLength =
        HttpInferCodec.jsonLength(
            call.headers().get(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH), body.remaining());
    if (jsonLength == 0) {
      return RawRequest.of(body, served(call).signature());
    }
    return HttpInferCodec.decodeRequest(body, jsonLength, memory);
  }

  private static OipReply encode(InferenceFlow.Computed computed) {
    boolean keep = false;
    try {
      EncodedBody body =
          HttpInferCodec.encodeResponse(computed.response(), computed.request(), SMALL);
      // More than one part: the blobs are the batch's own memory, free when they have been sent.
      keep = body.parts().size() > 1;
      Runnable release = keep ? computed.memory()::close : NOTHING;
      return new OipReply(200, computed.answer().headers(body), body.parts(), release);
    } finally {
      if (!keep) {
        computed.memory().close();
      }
    }
  }

  private static Map<String, Object> ready(String endpoint) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", endpoint);
    body.put("ready", true);
    return body;
  }

  private static CompletionStage<OipReply> now(OipCall call, int status, Object body) {
    Map<String, String> headers =
        Map.of(
            "content-type",
            ErrorReplies.JSON,
            MillraceHeaders.REQUEST_ID,
            call.context().requestId());
    return CompletableFuture.completedFuture(
        new OipReply(status, headers, List.of(ErrorReplies.json(body))));
  }
}
