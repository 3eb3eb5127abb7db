package dev.millrace.gateway.inspect;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.millrace.protocol.grpc.InferParameter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The parameter {@code sequence_id} as gRPC carries it: one entry of the map of parameters. */
final class SequenceParameter {
  static final String NAME = "sequence_id";

  private static final int KEY = 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int VALUE = 2 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  private SequenceParameter() {}

  /** The id in an entry; null when the entry is another parameter, malformed, or says none. */
  static @Nullable String read(byte[] bytes, int offset, int length) {
    var entry = CodedInputStream.newInstance(bytes, offset, length);
    try {
      boolean wanted = false;
      InferParameter value = null;
      for (int tag = entry.readTag(); tag != 0; tag = entry.readTag()) {
        if (tag == KEY) {
          wanted = entry.readString().equals(NAME);
        } else if (tag == VALUE) {
          value = InferParameter.parseFrom(entry.readByteArray());
        } else {
          entry.skipField(tag);
        }
      }
      return wanted && value != null ? id(value) : null;
    } catch (IOException malformed) {
      // The runtime reads the whole message and says what is wrong with it.
      return null;
    }
  }

  private static @Nullable String id(InferParameter value) {
    return switch (value.getParameterChoiceCase()) {
      case INT64_PARAM -> number(value.getInt64Param());
      case UINT64_PARAM -> number(value.getUint64Param());
      case STRING_PARAM -> value.getStringParam().isEmpty() ? null : value.getStringParam();
      default -> null;
    };
  }

  private static @Nullable String number(long id) {
    return id == 0 ? null : Long.toString(id);
  }
}
