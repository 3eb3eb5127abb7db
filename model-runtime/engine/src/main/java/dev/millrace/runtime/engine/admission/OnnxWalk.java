package dev.millrace.runtime.engine.admission;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * Walks through the messages of an ONNX file that can hold tensors, in any depth, and shows each
 * reference to external data. Knows only the fields that lead there; skips the rest.
 *
 * <p>Bounded: no recursion deeper than {@value #DEEPEST}, no memory beyond the shown strings. For
 * one thread.
 */
final class OnnxWalk {
  private static final int DEEPEST = 100;
  private static final int LONGEST_TEXT = 4096;

  /** What to do with a reference: empty goes on, a reason ends the walk. */
  @FunctionalInterface
  interface Visitor {
    Optional<String> external(String tensor, String location);
  }

  /** Messages of {@code onnx.proto}. */
  private enum Message {
    MODEL,
    GRAPH,
    NODE,
    ATTRIBUTE,
    TENSOR,
    SPARSE_TENSOR,
    FUNCTION,
    TRAINING
  }

  private static final Map<Message, Map<Integer, Message>> FIELDS =
      Map.of(
          Message.MODEL,
          Map.of(7, Message.GRAPH, 20, Message.TRAINING, 25, Message.FUNCTION),
          Message.GRAPH,
          Map.of(1, Message.NODE, 5, Message.TENSOR, 15, Message.SPARSE_TENSOR),
          Message.NODE,
          Map.of(5, Message.ATTRIBUTE),
          Message.ATTRIBUTE,
          Map.of(
              5, Message.TENSOR,
              6, Message.GRAPH,
              10, Message.TENSOR,
              11, Message.GRAPH,
              22, Message.SPARSE_TENSOR,
              23, Message.SPARSE_TENSOR),
          Message.TENSOR,
          Map.of(),
          Message.SPARSE_TENSOR,
          Map.of(1, Message.TENSOR, 2, Message.TENSOR),
          Message.FUNCTION,
          Map.of(7, Message.NODE, 11, Message.ATTRIBUTE),
          Message.TRAINING,
          Map.of(1, Message.GRAPH, 2, Message.GRAPH));

  private static final int TENSOR_NAME = 8;
  private static final int TENSOR_EXTERNAL_DATA = 13;

  private final Visitor visitor;

  OnnxWalk(Visitor visitor) {
    this.visitor = visitor;
  }

  /** Walks over a file; the first reason of the visitor, or why the file is none. */
  Optional<String> over(ByteBuffer file) {
    try {
      return walk(file.duplicate(), Message.MODEL, 0);
    } catch (MalformedException malformed) {
      return Optional.of("the file is not an ONNX model: " + malformed.getMessage());
    }
  }

  private Optional<String> walk(ByteBuffer in, Message message, int depth) {
    if (depth > DEEPEST) {
      throw new MalformedException("its graphs are nested more than " + DEEPEST + " deep");
    }
    if (message == Message.TENSOR) {
      return tensor(in);
    }
    Map<Integer, Message> fields = FIELDS.getOrDefault(message, Map.of());
    while (in.hasRemaining()) {
      long tag = varint(in);
      Message inner = wireType(tag) == 2 ? fields.get(field(tag)) : null;
      if (inner == null) {
        skip(in, tag);
        continue;
      }
      Optional<String> reason = walk(block(in), inner, depth + 1);
      if (reason.isPresent()) {
        return reason;
      }
    }
    return Optional.empty();
  }

  /** The name may stand behind the reference. */
  private Optional<String> tensor(ByteBuffer in) {
    String name = "";
    ByteBuffer again = in.duplicate();
    while (again.hasRemaining()) {
      long tag = varint(again);
      if (field(tag) == TENSOR_NAME && wireType(tag) == 2) {
        name = text(block(again));
      } else {
        skip(again, tag);
      }
    }
    while (in.hasRemaining()) {
      long tag = varint(in);
      if (field(tag) != TENSOR_EXTERNAL_DATA || wireType(tag) != 2) {
        skip(in, tag);
        continue;
      }
      Optional<String> reason = entry(name, block(in));
      if (reason.isPresent()) {
        return reason;
      }
    }
    return Optional.empty();
  }

  private Optional<String> entry(String tensor, ByteBuffer in) {
    String key = "";
    String value = "";
    while (in.hasRemaining()) {
      long tag = varint(in);
      if (wireType(tag) == 2 && field(tag) == 1) {
        key = text(block(in));
      } else if (wireType(tag) == 2 && field(tag) == 2) {
        value = text(block(in));
      } else {
        skip(in, tag);
      }
    }
    return key.equals("location") ? visitor.external(tensor, value) : Optional.empty();
  }

  private static int field(long tag) {
    return (int) (tag >>> 3);
  }

  private static int wireType(long tag) {
    return (int) (tag & 7);
  }

  private static void skip(ByteBuffer in, long tag) {
    switch (wireType(tag)) {
      case 0 -> varint(in);
      case 1 -> forward(in, Long.BYTES);
      case 2 -> block(in);
      case 5 -> forward(in, Integer.BYTES);
      default ->
          throw new MalformedException("unknown wire type at byte %d".formatted(in.position()));
    }
  }

  private static ByteBuffer block(ByteBuffer in) {
    long length = varint(in);
    int start = in.position();
    forward(in, length);
    return in.slice(start, (int) length);
  }

  private static void forward(ByteBuffer in, long bytes) {
    if (bytes < 0 || bytes > in.remaining()) {
      throw new MalformedException("it is cut off, or a length in it is wrong");
    }
    in.position(in.position() + (int) bytes);
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (!in.hasRemaining()) {
        throw new MalformedException("it is cut off");
      }
      byte next = in.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new MalformedException("a number in it is longer than 64 bits");
  }

  private static String text(ByteBuffer in) {
    if (in.remaining() > LONGEST_TEXT) {
      in.limit(in.position() + LONGEST_TEXT);
    }
    return StandardCharsets.UTF_8.decode(in).toString();
  }

  /** Ends the walk from any depth. */
  private static final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message, null, false, false);
    }
  }
}
