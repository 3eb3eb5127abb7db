package dev.millrace.protocol.oip;

import com.google.protobuf.CodedOutputStream;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.grpc.ModelInferResponse.InferOutputTensor;
import dev.millrace.protocol.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a {@code ModelInferResponse} in protobuf's form without building the message: everything
 * but the tensors' bytes goes into one array, and large tensors stay where they are.
 */
final class GrpcResponseWriter {
  /** Up to here all tensors together are copied: one buffer is cheaper to send than several. */
  private static final int COPIED = 4 << 10;

  private static final int RAW = ModelInferResponse.RAW_OUTPUT_CONTENTS_FIELD_NUMBER;

  /** Protobuf's wire type of strings, bytes, messages and packed numbers. */
  private static final int LENGTH_DELIMITED = 2;

  private final InferResponse response;

  private GrpcResponseWriter(InferResponse response) {
    this.response = response;
  }

  /** The message in parts; one part when it is small, and that is a copy. */
  static List<ByteBuffer> write(InferResponse response) {
    if (!plain(response)) {
      var message = GrpcInferCodec.encodeResponse(response);
      return List.of(ByteBuffer.wrap(message.toByteArray()));
    }
    try {
      return new GrpcResponseWriter(response).write();
    } catch (IOException impossible) {
      throw new UncheckedIOException("the array has the message's size", impossible);
    }
  }

  /** Parameters are rare in answers, and protobuf's own code knows how to write maps. */
  private static boolean plain(InferResponse response) {
    if (!response.parameters().isEmpty()) {
      return false;
    }
    for (Tensor tensor : response.outputs()) {
      if (!tensor.parameters().isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private List<ByteBuffer> write() throws IOException {
    int heads = headsSize();
    long tensors = 0;
    for (Tensor tensor : response.outputs()) {
      heads += CodedOutputStream.computeTagSize(RAW);
      heads += CodedOutputStream.computeUInt32SizeNoTag(tensor.byteSize());
      tensors += tensor.byteSize();
    }
    boolean copied = tensors <= COPIED;
    var array = new byte[copied ? heads + (int) tensors : heads];
    CodedOutputStream out = CodedOutputStream.newInstance(array);
    writeHeads(out);
    if (copied) {
      for (Tensor tensor : response.outputs()) {
        writeRawHead(out, tensor);
        out.write(tensor.data());
      }
      out.checkNoSpaceLeft();
      return List.of(ByteBuffer.wrap(array));
    }
    var parts = new ArrayList<ByteBuffer>(2 * response.outputs().size());
    int from = 0;
    for (Tensor tensor : response.outputs()) {
      writeRawHead(out, tensor);
      int to = out.getTotalBytesWritten();
      parts.add(ByteBuffer.wrap(array, from, to - from));
      parts.add(tensor.data());
      from = to;
    }
    return parts;
  }

  private int headsSize() {
    int size = 0;
    size += stringSize(ModelInferResponse.MODEL_NAME_FIELD_NUMBER, response.modelName());
    size += stringSize(ModelInferResponse.MODEL_VERSION_FIELD_NUMBER, response.modelVersion());
    size += stringSize(ModelInferResponse.ID_FIELD_NUMBER, response.id());
    for (Tensor tensor : response.outputs()) {
      int head = tensorHeadSize(tensor);
      size += CodedOutputStream.computeTagSize(ModelInferResponse.OUTPUTS_FIELD_NUMBER);
      size += CodedOutputStream.computeUInt32SizeNoTag(head) + head;
    }
    return size;
  }

  private void writeHeads(CodedOutputStream out) throws IOException {
    string(out, ModelInferResponse.MODEL_NAME_FIELD_NUMBER, response.modelName());
    string(out, ModelInferResponse.MODEL_VERSION_FIELD_NUMBER, response.modelVersion());
    string(out, ModelInferResponse.ID_FIELD_NUMBER, response.id());
    for (Tensor tensor : response.outputs()) {
      out.writeTag(ModelInferResponse.OUTPUTS_FIELD_NUMBER, LENGTH_DELIMITED);
      out.writeUInt32NoTag(tensorHeadSize(tensor));
      string(out, InferOutputTensor.NAME_FIELD_NUMBER, tensor.name());
      string(out, InferOutputTensor.DATATYPE_FIELD_NUMBER, tensor.datatype().name());
      if (tensor.rank() > 0) {
        out.writeTag(InferOutputTensor.SHAPE_FIELD_NUMBER, LENGTH_DELIMITED);
        out.writeUInt32NoTag(shapeSize(tensor));
        for (long dimension : tensor.shape()) {
          out.writeInt64NoTag(dimension);
        }
      }
    }
  }

  private static void writeRawHead(CodedOutputStream out, Tensor tensor) throws IOException {
    out.writeTag(RAW, LENGTH_DELIMITED);
    out.writeUInt32NoTag(tensor.byteSize());
  }

  private static int tensorHeadSize(Tensor tensor) {
    int size = stringSize(InferOutputTensor.NAME_FIELD_NUMBER, tensor.name());
    size += stringSize(InferOutputTensor.DATATYPE_FIELD_NUMBER, tensor.datatype().name());
    if (tensor.rank() > 0) {
      int shape = shapeSize(tensor);
      size += CodedOutputStream.computeTagSize(InferOutputTensor.SHAPE_FIELD_NUMBER);
      size += CodedOutputStream.computeUInt32SizeNoTag(shape) + shape;
    }
    return size;
  }

  private static int shapeSize(Tensor tensor) {
    int size = 0;
    for (long dimension : tensor.shape()) {
      size += CodedOutputStream.computeInt64SizeNoTag(dimension);
    }
    return size;
  }

  private static int stringSize(int field, String text) {
    return text.isEmpty() ? 0 : CodedOutputStream.computeStringSize(field, text);
  }

  private static void string(CodedOutputStream out, int field, String text) throws IOException {
    if (!text.isEmpty()) {
      out.writeString(field, text);
    }
  }
}
