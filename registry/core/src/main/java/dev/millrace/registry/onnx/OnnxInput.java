package dev.millrace.registry.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A protobuf message tree walked field by field, with a bound on everything: depth, text length,
 * and never more bytes held than one short text. For one thread.
 */
final class OnnxInput {
  /** Longest name; real models carry JSON in theirs. */
  private static final int LONGEST_TEXT = 4096;

  /** Graphs nest through If, Loop and Scan; each level takes three messages. */
  private static final int DEEPEST = 100;

  private final CodedInputStream input;
  private int depth;

  OnnxInput(CodedInputStream input) {
    this.input = input;
  }

  /** Takes one field; whatever it does not take is skipped. */
  interface FieldReader {
    boolean read(int field, int wireType) throws IOException;
  }

  /** Walks the fields up to the end of the file, or of the message that is open. */
  void fields(FieldReader reader) throws IOException {
    for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
      int field = WireFormat.getTagFieldNumber(tag);
      int wireType = WireFormat.getTagWireType(tag);
      if (reader.read(field, wireType)) {
        continue;
      }
      if (wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        input.skipRawBytes(length());
      } else if (wireType == WireFormat.WIRETYPE_START_GROUP || !input.skipField(tag)) {
        throw malformed("it holds a group, which no ONNX file does");
      }
    }
  }

  /** Walks the message that starts here. */
  void message(FieldReader reader) throws IOException {
    if (++depth > DEEPEST) {
      throw malformed("it is nested deeper than " + DEEPEST);
    }
    int outer = input.pushLimit(length());
    fields(reader);
    if (input.getBytesUntilLimit() != 0) {
      throw malformed("it ends in the middle of a message");
    }
    input.popLimit(outer);
    depth--;
  }

  String text() throws IOException {
    int length = length();
    if (length > LONGEST_TEXT) {
      throw malformed("a name is %d bytes long (at most %d)".formatted(length, LONGEST_TEXT));
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(input.readRawBytes(length)))
          .toString();
    } catch (CharacterCodingException notText) {
      throw malformed("a name is not UTF-8");
    }
  }

  long number() throws IOException {
    return input.readInt64();
  }

  long position() {
    return input.getTotalBytesRead();
  }

  private int length() throws IOException {
    int length = input.readRawVarint32();
    if (length < 0) {
      throw malformed("a length is negative");
    }
    int left = input.getBytesUntilLimit();
    if (left >= 0 && length > left) {
      throw malformed("a length points beyond its message");
    }
    return length;
  }

  static MillraceException malformed(String why) {
    return MillraceException.of(ErrorCode.INVALID_ARGUMENT, "not an ONNX model: " + why);
  }

  static MillraceException malformed(InvalidProtocolBufferException failure) {
    var message = failure.getMessage();
    return malformed(
        message != null && message.contains("truncated")
            ? "it ends in the middle of a message"
            : "it is not a protobuf of that kind");
  }
}
