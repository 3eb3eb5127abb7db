package dev.millrace.protocol.oip;

import com.google.protobuf.CodedInputStream;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferRequest.InferInputTensor;
import dev.millrace.protocol.grpc.ModelInferRequest.InferRequestedOutputTensor;
import dev.millrace.protocol.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the form that nearly every {@code ModelInferRequest} has without making the message: raw
 * contents, packed shapes, no parameters.
 *
 * <p>It accepts only what protobuf's own parser and {@link GrpcInferCodec} accept and reads it to
 * the same result. Anything else, a mistake above all, makes it give up without a word: the other
 * way then starts anew and finds the right words.
 */
final class PlainGrpcReader {
  /** Names are compared one by one; a call with more inputs is rare. */
  private static final int MOST_INPUTS = 16;

  private static final int LENGTH_DELIMITED = 2;
  private static final int MODEL_NAME = tag(ModelInferRequest.MODEL_NAME_FIELD_NUMBER);
  private static final int MODEL_VERSION = tag(ModelInferRequest.MODEL_VERSION_FIELD_NUMBER);
  private static final int ID = tag(ModelInferRequest.ID_FIELD_NUMBER);
  private static final int INPUTS = tag(ModelInferRequest.INPUTS_FIELD_NUMBER);
  private static final int OUTPUTS = tag(ModelInferRequest.OUTPUTS_FIELD_NUMBER);
  private static final int RAW = tag(ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER);
  private static final int NAME = tag(InferInputTensor.NAME_FIELD_NUMBER);
  private static final int DATATYPE = tag(InferInputTensor.DATATYPE_FIELD_NUMBER);
  private static final int SHAPE = tag(InferInputTensor.SHAPE_FIELD_NUMBER);
  private static final int OUTPUT_NAME = tag(InferRequestedOutputTensor.NAME_FIELD_NUMBER);

  private final ByteBuffer message;
  private final CodedInputStream in;
  private final List<TensorHead> heads = new ArrayList<>(2);
  private final List<ByteBuffer> raw = new ArrayList<>(2);
  private List<RequestedOutput> outputs = List.of();
  private String modelName = "";
  private String modelVersion = "";
  private String id = "";

  private PlainGrpcReader(ByteBuffer message) {
    this.message = message;
    this.in = CodedInputStream.newInstance(message);
  }

  private static int tag(int field) {
    return field << 3 | LENGTH_DELIMITED;
  }

  /** The request; null when it is for the other way. Its raw contents are views of the message. */
  static @Nullable InferRequest read(ByteBuffer message) {
    try {
      var reader = new PlainGrpcReader(message);
      return reader.message() ? reader.request() : null;
    } catch (IOException | MillraceException forTheOther) {
      return null;
    }
  }

  private boolean message() throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == MODEL_NAME) {
        modelName = in.readStringRequireUtf8();
      } else if (tag == MODEL_VERSION) {
        modelVersion = in.readStringRequireUtf8();
      } else if (tag == ID) {
        id = in.readStringRequireUtf8();
      } else if (tag == RAW) {
        int length = in.readRawVarint32();
        int from = message.position() + in.getTotalBytesRead();
        in.skipRawBytes(length);
        raw.add(message.slice(from, length));
      } else if (!(tag == INPUTS && input()) && !(tag == OUTPUTS && output())) {
        return false;
      }
    }
    return true;
  }

  private boolean input() throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    String name = "";
    String datatype = "";
    long[] shape = {};
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == NAME) {
        name = in.readStringRequireUtf8();
      } else if (tag == DATATYPE) {
        datatype = in.readStringRequireUtf8();
      } else if (tag == SHAPE && shape.length == 0) {
        shape = shape();
      } else {
        return false;
      }
    }
    in.popLimit(outer);
    return heads.size() < MOST_INPUTS
        && heads.add(TensorHead.of("input", heads.size(), name, datatype, shape));
  }

  private long[] shape() throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    // A dimension takes a byte at least, and nearly always no more.
    var shape = new long[Math.min(in.getBytesUntilLimit(), GrpcInferCodec.MAX_RANK)];
    int rank = 0;
    while (!in.isAtEnd()) {
      if (rank == shape.length) {
        throw new IOException("more dimensions than a tensor has");
      }
      shape[rank++] = in.readInt64();
    }
    in.popLimit(outer);
    return rank == shape.length ? shape : Arrays.copyOf(shape, rank);
  }

  private boolean output() throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    String name = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag != OUTPUT_NAME) {
        return false;
      }
      name = in.readStringRequireUtf8();
    }
    in.popLimit(outer);
    outputs = outputs.isEmpty() ? new ArrayList<>(2) : outputs;
    return !name.isEmpty() && outputs.add(new RequestedOutput(name, Map.of()));
  }

  private @Nullable InferRequest request() {
    if (heads.isEmpty() || raw.size() != heads.size()) {
      return null;
    }
    var inputs = new ArrayList<Tensor>(heads.size());
    for (int i = 0; i < heads.size(); i++) {
      for (int other = 0; other < i; other++) {
        if (heads.get(other).name().equals(heads.get(i).name())) {
          return null;
        }
      }
      inputs.add(heads.get(i).over(raw.get(i), Map.of()));
    }
    return new InferRequest(modelName, modelVersion, id, Map.of(), inputs, outputs);
  }
}
