package dev.millrace.standalone;

import dev.millrace.gateway.server.upstream.Upstream;
import dev.millrace.gateway.server.upstream.UpstreamRequest;
import dev.millrace.gateway.server.upstream.UpstreamResponse;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.runtime.server.oip.CallContext;
import dev.millrace.runtime.server.oip.Caller;
import dev.millrace.runtime.server.oip.Cancellation;
import dev.millrace.runtime.server.oip.GrpcReply;
import dev.millrace.runtime.server.oip.OipCall;
import dev.millrace.runtime.server.oip.OipGrpcHandler;
import dev.millrace.runtime.server.oip.OipHttpHandler;
import dev.millrace.runtime.server.oip.OipReply;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The way to the runtime in the same process: the bytes that a network connection would carry are
 * handed to the runtime's handlers, and theirs come back uncopied. Safe from many threads.
 */
@ApplicationScoped
final class InProcessUpstream implements Upstream {
  private final OipHttpHandler http;
  private final OipGrpcHandler grpc;

  InProcessUpstream(OipHttpHandler http, OipGrpcHandler grpc) {
    this.http = http;
    this.grpc = grpc;
  }

  @Override
  public Future<UpstreamResponse> send(UpstreamRequest request) {
    return request
        .body()
        .collect()
        .compose(
            body ->
                switch (request.kind()) {
                  case HTTP -> sendHttp(request, body);
                  case GRPC -> sendGrpc(request, body);
                });
  }

  private Future<UpstreamResponse> sendHttp(UpstreamRequest request, Buffer body) {
    var call =
        new OipCall(
            request.method().name(),
            request.path(),
            lowerCase(request.headers()),
            bytes(body),
            context(request));
    return Future.fromCompletionStage(http.handle(call)).map(InProcessUpstream::httpResponse);
  }

  private Future<UpstreamResponse> sendGrpc(UpstreamRequest request, Buffer body) {
    String path = request.path();
    String rpc = path.substring(path.lastIndexOf('/') + 1);
    ByteBuffer message;
    try {
      message = GrpcFrames.onlyMessage(bytes(body), request.headers().get("grpc-encoding"));
    } catch (MillraceException malformed) {
      return Future.failedFuture(malformed);
    }
    return Future.fromCompletionStage(grpc.handle(rpc, message, context(request)))
        .map(InProcessUpstream::grpcResponse);
  }

  private static UpstreamResponse httpResponse(OipReply reply) {
    var headers = MultiMap.caseInsensitiveMultiMap();
    reply.headers().forEach(headers::set);
    return UpstreamResponse.http(reply.status(), headers, reply.body());
  }

  private static UpstreamResponse grpcResponse(GrpcReply reply) {
    var headers = MultiMap.caseInsensitiveMultiMap();
    headers.set("content-type", "application/grpc");
    reply.headers().forEach(headers::set);
    var parts = new ArrayList<ByteBuffer>(reply.message().size() + 1);
    parts.add(GrpcFrames.header(reply.message()));
    parts.addAll(reply.message());
    var trailers = MultiMap.caseInsensitiveMultiMap();
    trailers.set("grpc-status", "0");
    return UpstreamResponse.grpc(headers, List.copyOf(parts), trailers);
  }

  private static CallContext context(UpstreamRequest request) {
    var cancellation = new Cancellation();
    request.cancelSignal().onCancel(cancellation::cancel);
    return new CallContext(
        CallContext.requestId(request.headers().get(MillraceHeaders.REQUEST_ID)),
        request.route().target(),
        request.route().endpoint().name(),
        request.deadline().atNanos(),
        Caller.of(
            request.headers().get(MillraceHeaders.PRIORITY),
            request.headers().get(MillraceHeaders.INTERNAL_PROJECT)),
        request.headers().get(MillraceHeaders.TRACEPARENT),
        cancellation);
  }

  /** Of repeated headers the first, as the runtime reads them from the network. */
  private static Map<String, String> lowerCase(MultiMap headers) {
    var map = new HashMap<String, String>();
    headers.forEach((name, value) -> map.putIfAbsent(name.toLowerCase(Locale.ROOT), value));
    return map;
  }

  @SuppressWarnings("deprecation") // the only way to see a Vert.x 4 buffer without copying
  private static ByteBuffer bytes(Buffer buffer) {
    return buffer.getByteBuf().nioBuffer();
  }
}
