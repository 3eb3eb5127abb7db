package dev.millrace.runtime.server.oip;

import com.google.protobuf.CodedOutputStream;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.grpc.ModelStreamInferResponse;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The messages that go back on a {@code ModelStreamInfer} stream. */
final class StreamMessages {
  /** A request asks by this to be told that its answer is the last one; ours always is. */
  private static final String WANTS_FINAL = "triton_enable_empty_final_response";

  private static final String FINAL = "triton_final_response";
  private static final int INFER_RESPONSE =
      ModelStreamInferResponse.INFER_RESPONSE_FIELD_NUMBER << 3 | 2;

  private StreamMessages() {}

  /** The answer to a message that was computed. */
  static GrpcReply answer(InferenceFlow.Computed computed) {
    boolean keep = false;
    try {
      InferResponse response = computed.response();
      if (Boolean.TRUE.equals(computed.request().parameters().get(WANTS_FINAL))) {
        response =
            new InferResponse(
                response.modelName(),
                response.modelVersion(),
                response.id(),
                Map.of(FINAL, true),
                response.outputs());
      }
      List<ByteBuffer> parts = GrpcInferCodec.serializeResponse(response);
      // More than one part: large tensors lie in the batch's own memory until they are sent.
      keep = parts.size() > 1;
      Runnable release = keep ? computed.memory()::close : () -> {};
      return new GrpcReply(wrapped(parts), computed.answer().metadata(), release);
    } finally {
      if (!keep) {
        computed.memory().close();
      }
    }
  }

  /**
   * The answer to a message that failed.
   *
   * @param id the message's own; empty when it had none
   */
  static GrpcReply error(MillraceException failure, String id) {
    var message =
        ModelStreamInferResponse.newBuilder()
            .setErrorMessage(failure.message())
            .setInferResponse(ModelInferResponse.newBuilder().setId(id))
            .build();
    return new GrpcReply(List.of(ByteBuffer.wrap(message.toByteArray())), Map.of());
  }

  /** A response as the field of the stream's message, without copying it. */
  private static List<ByteBuffer> wrapped(List<ByteBuffer> response) {
    int length = 0;
    for (ByteBuffer part : response) {
      length = Math.addExact(length, part.remaining());
    }
    var head = new byte[1 + CodedOutputStream.computeUInt32SizeNoTag(length)];
    var out = CodedOutputStream.newInstance(head);
    try {
      out.writeUInt32NoTag(INFER_RESPONSE);
      out.writeUInt32NoTag(length);
    } catch (IOException impossible) {
      throw new UncheckedIOException("the array has the head's size", impossible);
    }
    var parts = new ArrayList<ByteBuffer>(response.size() + 1);
    parts.add(ByteBuffer.wrap(head));
    parts.addAll(response);
    return parts;
  }
}
