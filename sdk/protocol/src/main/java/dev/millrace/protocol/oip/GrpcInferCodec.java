package dev.millrace.protocol.oip;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.InferParameter;
import dev.millrace.protocol.grpc.InferTensorContents;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferRequest.InferInputTensor;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.grpc.ModelInferResponse.InferOutputTensor;
import dev.millrace.protocol.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Messages of {@code ModelInfer}, with raw or typed contents.
 *
 * <p>Stateless; every method may be called from any thread. Raw contents are views of the message's
 * own bytes, and encoded raw contents are views of the tensors' buffers: nothing is copied, so
 * whoever owns the bytes must keep them unchanged while the result is in use.
 *
 * <p>Bad input raises {@link MillraceException} with {@link ErrorCode#INVALID_ARGUMENT}; the
 * message names the tensor, what came and what was expected.
 */
public final class GrpcInferCodec {
  /** A rank beyond this is no tensor. */
  static final int MAX_RANK = 64;

  private GrpcInferCodec() {}

  /**
   * Parses a serialized request; its raw contents are slices of {@code message} when that is a
   * direct buffer or has an accessible array.
   */
  public static ModelInferRequest parse(ByteBuffer message) {
    try {
      CodedInputStream in = aliasing(message);
      ModelInferRequest request = ModelInferRequest.parseFrom(in);
      in.checkLastTagWas(0);
      return request;
    } catch (IOException malformed) {
      throw Reject.because("malformed ModelInferRequest: %s", malformed.getMessage());
    }
  }

  /**
   * Parses a serialized response, like {@link #parse}.
   *
   * @throws MillraceException INTERNAL when the server's answer is malformed
   */
  public static ModelInferResponse parseResponse(ByteBuffer message) {
    try {
      return ModelInferResponse.parseFrom(aliasing(message));
    } catch (IOException malformed) {
      throw MillraceException.of(
          ErrorCode.INTERNAL, "the server's answer cannot be read: %s", malformed.getMessage());
    }
  }

  private static CodedInputStream aliasing(ByteBuffer message) {
    // Wrapped as a ByteString, the bytes count as immutable: only then does aliasing work.
    CodedInputStream in = UnsafeByteOperations.unsafeWrap(message.slice()).newCodedInput();
    in.enableAliasing(true);
    return in;
  }

  /**
   * Reads a serialized request; its raw contents are slices of {@code message} when that is a
   * direct buffer or has an accessible array.
   */
  public static InferRequest decodeRequest(ByteBuffer message) {
    InferRequest plain = PlainGrpcReader.read(message);
    return plain == null ? decodeRequest(parse(message)) : plain;
  }

  /** Reads a request. */
  public static InferRequest decodeRequest(ModelInferRequest request) {
    if (request.getInputsCount() == 0) {
      throw Reject.because("'inputs' is empty; expected at least one tensor");
    }
    List<ByteString> raw = request.getRawInputContentsList();
    checkRawCount("input", raw.size(), request.getInputsCount());
    int count = request.getInputsCount();
    Set<String> names = count == 1 ? Set.of() : new HashSet<>();
    var inputs = new ArrayList<Tensor>(count);
    for (int i = 0; i < count; i++) {
      InferInputTensor wire = request.getInputs(i);
      TensorHead head = head("input", i, wire.getName(), wire.getDatatype(), wire.getShapeList());
      Map<String, Object> parameters = parameters(wire.getParametersMap(), head);
      inputs.add(tensor(head, wire.getContents(), raw, i, parameters));
      if (count > 1 && !names.add(wire.getName())) {
        throw Reject.because("%s: it is given twice", head.label());
      }
    }
    var outputs = new ArrayList<RequestedOutput>(request.getOutputsCount());
    for (var wanted : request.getOutputsList()) {
      String label = TensorHead.label("output", outputs.size(), wanted.getName());
      if (wanted.getName().isEmpty()) {
        throw Reject.because("%s: 'name' is missing", label);
      }
      outputs.add(
          new RequestedOutput(
              wanted.getName(), GrpcParameters.read(wanted.getParametersMap(), label)));
    }
    return new InferRequest(
        request.getModelName(),
        request.getModelVersion(),
        request.getId(),
        GrpcParameters.read(request.getParametersMap(), "the request"),
        inputs,
        outputs);
  }

  /** Writes a response with raw contents. */
  public static ModelInferResponse encodeResponse(InferResponse response) {
    var out =
        ModelInferResponse.newBuilder()
            .setModelName(response.modelName())
            .setModelVersion(response.modelVersion())
            .setId(response.id())
            .putAllParameters(GrpcParameters.write(response.parameters()));
    for (Tensor tensor : response.outputs()) {
      var wire =
          InferOutputTensor.newBuilder()
              .setName(tensor.name())
              .setDatatype(tensor.datatype().name())
              .putAllParameters(GrpcParameters.write(tensor.parameters()));
      for (long dimension : tensor.shape()) {
        wire.addShape(dimension);
      }
      out.addOutputs(wire);
      out.addRawOutputContents(UnsafeByteOperations.unsafeWrap(tensor.data()));
    }
    return out.build();
  }

  /**
   * Writes a response with raw contents in protobuf's form.
   *
   * @return the message in parts. One part: a copy, the tensors are no longer needed. More: the
   *     large tensors are their own buffers, which must stay unchanged until they are sent
   */
  public static List<ByteBuffer> serializeResponse(InferResponse response) {
    return GrpcResponseWriter.write(response);
  }

  /** Writes a request, for clients. */
  public static ModelInferRequest encodeRequest(InferRequest request, GrpcEncoding encoding) {
    var out =
        ModelInferRequest.newBuilder()
            .setModelName(request.modelName())
            .setModelVersion(request.modelVersion())
            .setId(request.id())
            .putAllParameters(GrpcParameters.write(request.parameters()));
    for (Tensor tensor : request.inputs()) {
      var wire =
          InferInputTensor.newBuilder()
              .setName(tensor.name())
              .setDatatype(tensor.datatype().name())
              .putAllParameters(GrpcParameters.write(tensor.parameters()));
      for (long dimension : tensor.shape()) {
        wire.addShape(dimension);
      }
      if (encoding == GrpcEncoding.RAW) {
        out.addRawInputContents(UnsafeByteOperations.unsafeWrap(tensor.data()));
      } else {
        wire.setContents(GrpcTypedContents.write(tensor));
      }
      out.addInputs(wire);
    }
    for (RequestedOutput wanted : request.outputs()) {
      out.addOutputsBuilder()
          .setName(wanted.name())
          .putAllParameters(GrpcParameters.write(wanted.parameters()));
    }
    return out.build();
  }

  /**
   * Reads a response with raw or typed contents, for clients.
   *
   * @throws MillraceException INTERNAL when the server's answer is not what the protocol says
   */
  public static InferResponse decodeResponse(ModelInferResponse response) {
    try {
      List<ByteString> raw = response.getRawOutputContentsList();
      checkRawCount("output", raw.size(), response.getOutputsCount());
      var outputs = new ArrayList<Tensor>(response.getOutputsCount());
      for (int i = 0; i < response.getOutputsCount(); i++) {
        InferOutputTensor wire = response.getOutputs(i);
        TensorHead head =
            head("output", i, wire.getName(), wire.getDatatype(), wire.getShapeList());
        Map<String, Object> parameters = parameters(wire.getParametersMap(), head);
        outputs.add(tensor(head, wire.getContents(), raw, i, parameters));
      }
      return new InferResponse(
          response.getModelName(),
          response.getModelVersion(),
          response.getId(),
          GrpcParameters.read(response.getParametersMap(), "the response"),
          outputs);
    } catch (MillraceException malformed) {
      throw MillraceException.of(
              ErrorCode.INTERNAL, "the server's answer cannot be read: " + malformed.message())
          .withCause(malformed);
    }
  }

  private static void checkRawCount(String role, int raw, int tensors) {
    if (raw != 0 && raw != tensors) {
      throw Reject.because(
          "raw_%s_contents has %d entries for %d %ss; expected one for each",
          role, raw, tensors, role);
    }
  }

  private static Map<String, Object> parameters(Map<String, InferParameter> wire, TensorHead head) {
    return wire.isEmpty() ? Map.of() : GrpcParameters.read(wire, head.label());
  }

  private static TensorHead head(
      String role, int position, String name, String datatype, List<Long> dimensions) {
    if (dimensions.size() > MAX_RANK) {
      throw Reject.because(
          "%s: 'shape' has more than %d dimensions",
          TensorHead.label(role, position, name), MAX_RANK);
    }
    var shape = new long[dimensions.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = dimensions.get(i);
    }
    return TensorHead.of(role, position, name, datatype, shape);
  }

  private static Tensor tensor(
      TensorHead head,
      InferTensorContents contents,
      List<ByteString> raw,
      int position,
      Map<String, Object> parameters) {
    if (raw.isEmpty()) {
      return GrpcTypedContents.read(head, contents, parameters);
    }
    if (contents.getSerializedSize() > 0) {
      throw Reject.because(
          "%s: it has 'contents' although raw contents are present; use one of the two",
          head.label());
    }
    return head.over(raw.get(position).asReadOnlyByteBuffer(), parameters);
  }
}
