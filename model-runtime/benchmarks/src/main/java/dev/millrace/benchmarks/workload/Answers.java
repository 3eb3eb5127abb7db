package dev.millrace.benchmarks.workload;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.benchmarks.wire.Exchange.Check;
import dev.millrace.protocol.grpc.ModelInferResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks of answers with one FP32 output, in each protocol. */
final class Answers {
  private static final double TOLERANCE = 1e-4;
  private static final int FLOAT_BYTES = 4;
  private static final String DATA = "data";

  private Answers() {}

  /** The output is these numbers, to a relative 1e-4. */
  static Check equalTo(Protocol protocol, float[] expected) {
    return switch (protocol) {
      case HTTP_JSON -> (answer, length) -> compareJson(answer, expected);
      case HTTP_BINARY -> (answer, length) -> compare(tail(answer, length), expected);
      case GRPC -> (answer, length) -> compareGrpc(answer, expected);
    };
  }

  /** The output has this shape and only finite numbers. */
  static Check finite(Protocol protocol, List<Long> shape) {
    int count = Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
    // As a substring with blanks removed: the head of a response is short and has one output.
    String shapeText = "\"shape\":" + shape.toString().replace(" ", "");
    return switch (protocol) {
      case HTTP_JSON -> (answer, length) -> finiteJson(answer, count);
      case HTTP_BINARY ->
          (answer, length) -> {
            String head = new String(answer, 0, Math.max(length, 0), StandardCharsets.UTF_8);
            return head.replace(" ", "").contains(shapeText)
                ? finite(tail(answer, length), count)
                : "expected " + shapeText + ", got " + head;
          };
      case GRPC -> (answer, length) -> finiteGrpc(answer, shape, count);
    };
  }

  private static @Nullable String compareJson(byte[] answer, float[] expected) {
    var numbers = JsonNumbers.of(answer, DATA);
    for (float wanted : expected) {
      if (!numbers.next()) {
        return "fewer than " + expected.length + " numbers: " + text(answer);
      }
      double got = numbers.read();
      if (!close(got, wanted)) {
        return "expected " + wanted + ", got " + got + ": " + text(answer);
      }
    }
    return numbers.next() ? "more than " + expected.length + " numbers: " + text(answer) : null;
  }

  private static @Nullable String compareGrpc(byte[] answer, float[] expected) {
    try {
      var response = ModelInferResponse.parseFrom(answer);
      return response.getRawOutputContentsCount() == 1
          ? compare(response.getRawOutputContents(0).asReadOnlyByteBuffer(), expected)
          : "expected one raw output, got " + response.getRawOutputContentsCount();
    } catch (InvalidProtocolBufferException e) {
      return "not a ModelInferResponse: " + e.getMessage();
    }
  }

  private static @Nullable String compare(ByteBuffer data, float[] expected) {
    if (data.remaining() != expected.length * FLOAT_BYTES) {
      return "expected " + expected.length + " FP32, got " + data.remaining() + " bytes";
    }
    var numbers = data.order(ByteOrder.LITTLE_ENDIAN);
    for (float wanted : expected) {
      float got = numbers.getFloat();
      if (!close(got, wanted)) {
        return "expected " + wanted + ", got " + got;
      }
    }
    return null;
  }

  private static @Nullable String finiteJson(byte[] answer, int count) {
    var numbers = JsonNumbers.of(answer, DATA);
    int got = 0;
    while (numbers.next()) {
      got++;
      if (!numbers.skip()) {
        return "number " + got + " is not finite";
      }
    }
    return got == count ? null : "expected " + count + " numbers, got " + got;
  }

  private static @Nullable String finiteGrpc(byte[] answer, List<Long> shape, int count) {
    try {
      var response = ModelInferResponse.parseFrom(answer);
      if (response.getRawOutputContentsCount() != 1) {
        return "expected one raw output, got " + response.getRawOutputContentsCount();
      }
      List<Long> got = response.getOutputs(0).getShapeList();
      return got.equals(shape)
          ? finite(response.getRawOutputContents(0).asReadOnlyByteBuffer(), count)
          : "expected shape " + shape + ", got " + got;
    } catch (InvalidProtocolBufferException e) {
      return "not a ModelInferResponse: " + e.getMessage();
    }
  }

  private static @Nullable String finite(ByteBuffer data, int count) {
    if (data.remaining() != count * FLOAT_BYTES) {
      return "expected " + count + " FP32, got " + data.remaining() + " bytes";
    }
    var numbers = data.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(numbers.get(i))) {
        return "number " + i + " is " + numbers.get(i);
      }
    }
    return null;
  }

  private static ByteBuffer tail(byte[] answer, int jsonLength) {
    int from = Math.clamp(jsonLength, 0, answer.length);
    return ByteBuffer.wrap(answer, from, answer.length - from);
  }

  private static boolean close(double got, double wanted) {
    return Math.abs(got - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted));
  }

  private static String text(byte[] answer) {
    return new String(answer, 0, Math.min(answer.length, 200), StandardCharsets.UTF_8);
  }
}
