package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.oip.TensorEncoding;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.engine.ResidencyPolicy.Urgency;
import dev.millrace.runtime.engine.SyntheticInputs;
import dev.millrace.runtime.server.text.Truncation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Drives a fresh replica's whole way (decode, check, queue, compute, encode, over both protocols)
 * until it has run a few times or its time is up: the first calls of a cold way are ten times
 * slower. It never fails a load: admission has shown that the version works.
 */
final class WarmUp {
  private static final Logger LOG = Logger.getLogger(WarmUp.class);
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final int ROUNDS = 20;

  /** While calls wait; they are the rest of the warm-up. */
  private static final int ROUNDS_AWAITED = 1;

  private static final int FREE_SIZE = 8;

  private WarmUp() {}

  /** Warms up for calls to come, or, briefly, for calls that wait. */
  static void run(Replica replica, Urgency urgency) throws InterruptedException {
    int rounds = urgency == Urgency.CALLS_WAIT ? ROUNDS_AWAITED : ROUNDS;
    long end = System.nanoTime() + LIMIT.toNanos();
    try {
      for (int round = 0; round < rounds && System.nanoTime() - end < 0; round++) {
        var task = replica.text();
        if (task.isPresent()) {
          var tokens = task.get().tokens("a first sentence to warm up with", Truncation.DEFAULT);
          answer(replica, request(task.get().inputs(tokens)), end);
        }
        var synthetic = SyntheticInputs.of(replica.signature(), 1, FREE_SIZE);
        if (synthetic.isEmpty()) {
          return;
        }
        InferRequest request = request(synthetic.get());
        answer(replica, overHttp(request, replica.signature()), end);
        answer(replica, overGrpc(request), end);
      }
    } catch (ExecutionException | TimeoutException | MillraceException odd) {
      LOG.debugf(odd, "version=%s: warm-up ended early", replica.version().key());
    }
  }

  private static InferRequest request(List<Tensor> inputs) {
    return new InferRequest("warm-up", "", "", Map.of(), inputs, List.of());
  }

  private static InferRequest overHttp(InferRequest request, Signature signature) {
    boolean json =
        Stream.concat(signature.inputs().stream(), signature.outputs().stream())
            .map(TensorSignature::datatype)
            .allMatch(type -> type.hasJsonForm());
    EncodedBody body =
        HttpInferCodec.encodeRequest(request, json ? TensorEncoding.JSON : TensorEncoding.BINARY);
    return HttpInferCodec.decodeRequest(body.joined(), body.jsonLength());
  }

  private static InferRequest overGrpc(InferRequest request) {
    byte[] message = GrpcInferCodec.encodeRequest(request, GrpcEncoding.RAW).toByteArray();
    return GrpcInferCodec.decodeRequest(ByteBuffer.wrap(message));
  }

  private static void answer(Replica replica, InferRequest request, long deadlineNanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    replica.meters().warmsUp();
    var result =
        replica
            .submit(request, Terms.until(deadlineNanos))
            .result()
            .toCompletableFuture()
            .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    try (ModelResult outputs = result.value()) {
      var response = new InferResponse("warm-up", "1", "", Map.of(), outputs.outputs());
      HttpInferCodec.encodeResponse(response, request);
      GrpcInferCodec.encodeResponse(response).toByteArray();
    }
  }
}
