package dev.millrace.protocol.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of {@code POST …/infer}: JSON alone, or JSON followed by binary tensor data.
 *
 * <p>Stateless; every method may be called from any thread. Binary tensors are slices of the body
 * that was given, and blobs of an encoded body are the tensors' own buffers: nothing is copied, so
 * whoever owns the bytes must keep them unchanged while the result is in use. JSON tensors are
 * parsed into heap buffers unless the caller gives others; memory used is bounded by a small
 * multiple of the body's size.
 *
 * <p>Bad input raises {@link MillraceException} with {@link ErrorCode#INVALID_ARGUMENT}; the
 * message names the tensor or the place, what came and what was expected.
 */
public final class HttpInferCodec {
  /** What {@code jsonLength} is when the header is absent: the whole body is JSON. */
  public static final int NO_BINARY = -1;

  private HttpInferCodec() {}

  /**
   * Reads the header {@code Inference-Header-Content-Length}.
   *
   * @param header its value; null when absent
   * @param bodySize bytes of the whole body
   * @return the length of the JSON part, or {@link #NO_BINARY} when the header is absent
   */
  public static int jsonLength(@Nullable String header, long bodySize) {
    if (header == null) {
      return NO_BINARY;
    }
    int length;
    try {
      length = Integer.parseInt(header.strip());
    } catch (NumberFormatException unparsable) {
      throw Reject.because(
          "Inference-Header-Content-Length: '%s' is not a 32-bit integer", Reject.quote(header));
    }
    if (length < 0 || length > bodySize) {
      throw Reject.because(
          "Inference-Header-Content-Length: %d is not between 0 and the body's %d bytes",
          length, bodySize);
    }
    return length;
  }

  /**
   * Reads a request. Its model name and version are empty: the path names them.
   *
   * @param body the body from position to limit; position and limit are left alone
   * @param jsonLength bytes of the JSON part, or {@link #NO_BINARY} when all is JSON
   */
  public static InferRequest decodeRequest(ByteBuffer body, int jsonLength) {
    return decodeRequest(body, jsonLength, TensorMemory.HEAP);
  }

  /**
   * The same, with tensors that come as JSON parsed into the memory that the caller gives: of all
   * datatypes of fixed size, in the usual form of a request. Others go to the heap.
   *
   * @param memory asked once for each such tensor, and perhaps in vain: what a request with a
   *     mistake asked for is not used
   */
  public static InferRequest decodeRequest(ByteBuffer body, int jsonLength, TensorMemory memory) {
    if (jsonLength == 0) {
      throw MillraceException.of(
          ErrorCode.NOT_IMPLEMENTED,
          "a raw binary request (Inference-Header-Content-Length: 0) is not offered; describe the"
              + " input in JSON and send it with binary_data_size");
    }
    JsonMessage message = message(body, jsonLength, "input", memory);
    List<Tensor> inputs = tensors(message, body, jsonLength, "input");
    JsonParameters.flag(message.parameters, "the request", JsonParameters.BINARY_DATA_OUTPUT);
    return new InferRequest("", "", message.id, message.parameters, inputs, message.requested);
  }

  /**
   * Writes a response in the form that {@code request} asked for: an output is binary when its
   * {@code binary_data} says so, or else the request's {@code binary_data_output}.
   *
   * @throws MillraceException INVALID_ARGUMENT for an output that has no JSON form and was not
   *     asked for as binary
   */
  public static EncodedBody encodeResponse(InferResponse response, InferRequest request) {
    return encodeResponse(response, request, 0);
  }

  /**
   * The same, but with small blobs copied: one buffer is cheaper to send than several.
   *
   * @param copied up to how many bytes the whole body comes as one part, which is nobody else's
   *     memory
   */
  public static EncodedBody encodeResponse(
      InferResponse response, InferRequest request, int copied) {
    boolean all = Boolean.TRUE.equals(request.parameters().get(JsonParameters.BINARY_DATA_OUTPUT));
    Predicate<Tensor> binary =
        output -> {
          List<RequestedOutput> outputs = request.outputs();
          for (int i = 0; i < outputs.size(); i++) {
            RequestedOutput wanted = outputs.get(i);
            if (wanted.name().equals(output.name())
                && wanted.parameters().get(JsonParameters.BINARY_DATA) instanceof Boolean own) {
              return own;
            }
          }
          return all;
        };
    return new InferJsonWriter(copied).response(response, binary);
  }

  /**
   * Writes a request, for clients. With {@link TensorEncoding#BINARY} the outputs are asked for as
   * binary too, unless the request's parameters already say {@code binary_data_output}.
   */
  public static EncodedBody encodeRequest(InferRequest request, TensorEncoding encoding) {
    return new InferJsonWriter(0).request(request, encoding);
  }

  /**
   * Reads a response, for clients.
   *
   * @throws MillraceException INTERNAL when the server's answer is not what the protocol says
   */
  public static InferResponse decodeResponse(ByteBuffer body, int jsonLength) {
    try {
      JsonMessage message = message(body, jsonLength, "output", TensorMemory.HEAP);
      List<Tensor> outputs = tensors(message, body, jsonLength, "output");
      return new InferResponse(
          message.modelName, message.modelVersion, message.id, message.parameters, outputs);
    } catch (MillraceException malformed) {
      throw MillraceException.of(
              ErrorCode.INTERNAL, "the server's answer cannot be read: " + malformed.message())
          .withCause(malformed);
    }
  }

  private static JsonMessage message(
      ByteBuffer body, int jsonLength, String role, TensorMemory memory) {
    if (jsonLength > body.remaining() || jsonLength < NO_BINARY) {
      throw Reject.because(
          "Inference-Header-Content-Length: %d is not between 0 and the body's %d bytes",
          jsonLength, body.remaining());
    }
    int length = jsonLength == NO_BINARY ? body.remaining() : jsonLength;
    if (length == 0) {
      throw Reject.because("the body is empty; expected a JSON object with '%ss'", role);
    }
    ByteBuffer json = length == body.remaining() ? body : body.slice(body.position(), length);
    return InferJsonReader.read(json, role, memory);
  }

  private static List<Tensor> tensors(
      JsonMessage message, ByteBuffer body, int jsonLength, String role) {
    List<PendingTensor> pending = message.tensors;
    if (pending == null) {
      throw Reject.because("'%ss' is missing", role);
    }
    if (pending.isEmpty() && role.equals("input")) {
      throw Reject.because("'inputs' is empty; expected at least one tensor");
    }
    ByteBuffer blobs = null;
    if (jsonLength != NO_BINARY) {
      int start = body.position() + jsonLength;
      blobs = body.slice(start, body.limit() - start);
    }
    List<Tensor> tensors =
        pending.size() == 1 ? List.of(pending.get(0).finish(blobs)) : several(pending, blobs);
    if (blobs != null && blobs.hasRemaining()) {
      throw Reject.because(
          "%d bytes are left in the body after the last tensor's data", blobs.remaining());
    }
    return tensors;
  }

  private static List<Tensor> several(List<PendingTensor> pending, @Nullable ByteBuffer blobs) {
    Set<String> names = new HashSet<>();
    var tensors = new ArrayList<Tensor>(pending.size());
    for (PendingTensor each : pending) {
      Tensor tensor = each.finish(blobs);
      if (!names.add(tensor.name())) {
        throw Reject.because("%s: it is given twice", each.label());
      }
      tensors.add(tensor);
    }
    return tensors;
  }
}
