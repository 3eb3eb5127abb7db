package dev.millrace.protocol.oip;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the form that nearly every inference message has, several times faster than a general JSON
 * parser: known fields, each once; names without escapes; a tensor's datatype and shape before its
 * data; numbers of the usual datatypes.
 *
 * <p>It accepts only what {@link InferJsonReader} accepts and reads it to the same result. Anything
 * else, a mistake above all, makes it give up without a word: the other reader then starts anew and
 * finds the right words. So nothing here reports an error.
 */
final class PlainInferReader {
  private static final int MAX_RANK = 64;

  // The fields of a message.
  private static final int ID = 0;
  private static final int MODEL_NAME = 1;
  private static final int MODEL_VERSION = 2;
  private static final int PARAMETERS = 3;
  private static final int TENSORS = 4;
  private static final int REQUESTED = 5;

  private final PlainJson in;
  private final boolean request;
  private final TensorMemory memory;

  private PlainInferReader(PlainJson in, boolean request, TensorMemory memory) {
    this.in = in;
    this.request = request;
    this.memory = memory;
  }

  /**
   * The message; null when it is for the other reader.
   *
   * @param json backed by an array
   * @param memory where the data of tensors go
   */
  static @Nullable JsonMessage read(ByteBuffer json, String role, TensorMemory memory) {
    try {
      return new PlainInferReader(new PlainJson(json), role.equals("input"), memory).message(role);
    } catch (PlainJson.NotPlain forTheOther) {
      return null;
    }
  }

  private JsonMessage message(String role) {
    var message = new JsonMessage();
    int seen = 0;
    in.open('{');
    do {
      int field = field(in.key());
      seen = once(seen, field);
      switch (field) {
        case ID -> message.id = in.string();
        case MODEL_NAME -> message.modelName = in.string();
        case MODEL_VERSION -> message.modelVersion = in.string();
        case PARAMETERS -> message.parameters = parameters();
        case TENSORS -> message.tensors = tensors(role);
        case REQUESTED -> message.requested = requested();
        default -> throw PlainJson.notPlain();
      }
    } while (in.more('}'));
    in.end();
    return message;
  }

  private int field(String key) {
    return switch (key) {
      case "id" -> ID;
      case "model_name" -> MODEL_NAME;
      case "model_version" -> MODEL_VERSION;
      case "parameters" -> PARAMETERS;
      case "inputs" -> request ? TENSORS : -1;
      case "outputs" -> request ? REQUESTED : TENSORS;
      default -> throw PlainJson.notPlain();
    };
  }

  private static int once(int seen, int field) {
    int bit = 1 << field;
    if (field < 0 || (seen & bit) != 0) {
      throw PlainJson.notPlain();
    }
    return seen | bit;
  }

  private List<PendingTensor> tensors(String role) {
    in.open('[');
    PendingTensor first = tensor(new PendingTensor(role, 0));
    if (!in.more(']')) {
      return List.of(first);
    }
    var tensors = new ArrayList<PendingTensor>(4);
    tensors.add(first);
    do {
      tensors.add(tensor(new PendingTensor(role, tensors.size())));
    } while (in.more(']'));
    return tensors;
  }

  private PendingTensor tensor(PendingTensor tensor) {
    int seen = 0;
    in.open('{');
    do {
      switch (in.key()) {
        case "name" -> {
          seen = once(seen, 0);
          tensor.name = in.string();
        }
        case "datatype" -> {
          seen = once(seen, 1);
          tensor.datatype = in.string();
        }
        case "shape" -> {
          seen = once(seen, 2);
          tensor.shape = shape();
        }
        case "parameters" -> {
          seen = once(seen, 3);
          tensor.parameters = parameters();
        }
        case "data" -> {
          seen = once(seen, 4);
          data(tensor);
        }
        default -> throw PlainJson.notPlain();
      }
    } while (in.more('}'));
    return tensor;
  }

  private long[] shape() {
    in.open('[');
    if (in.closed(']')) {
      return new long[0];
    }
    var shape = new long[in.commas(MAX_RANK) + 1];
    int rank = 0;
    do {
      if (rank == shape.length) {
        throw PlainJson.notPlain();
      }
      shape[rank++] = in.integer(0, Long.MAX_VALUE);
    } while (in.more(']'));
    return shape;
  }

  private Map<String, Object> parameters() {
    in.open('{');
    if (in.closed('}')) {
      return Map.of();
    }
    String first = in.key();
    Object value = in.parameter();
    if (!in.more('}')) {
      return Map.of(first, value);
    }
    var parameters = new LinkedHashMap<String, Object>();
    parameters.put(first, value);
    do {
      if (parameters.put(in.key(), in.parameter()) != null) {
        throw PlainJson.notPlain();
      }
    } while (in.more('}'));
    return parameters;
  }

  private List<RequestedOutput> requested() {
    var outputs = new ArrayList<RequestedOutput>(2);
    in.open('[');
    if (in.closed(']')) {
      return outputs;
    }
    do {
      int seen = 0;
      String name = "";
      Map<String, Object> parameters = Map.of();
      in.open('{');
      do {
        switch (in.key()) {
          case "name" -> {
            seen = once(seen, 0);
            name = in.string();
          }
          case "parameters" -> {
            seen = once(seen, 1);
            parameters = parameters();
          }
          default -> throw PlainJson.notPlain();
        }
      } while (in.more('}'));
      Object binary = parameters.get(JsonParameters.BINARY_DATA);
      if (name.isEmpty() || (binary != null && !(binary instanceof Boolean))) {
        throw PlainJson.notPlain();
      }
      outputs.add(new RequestedOutput(name, parameters));
    } while (in.more(']'));
    return outputs;
  }

  private void data(PendingTensor tensor) {
    String name = tensor.datatype;
    long[] shape = tensor.shape;
    if (!tensor.complete() || name == null || shape == null) {
      throw PlainJson.notPlain();
    }
    DataType type = DataType.byName(name).orElseThrow(PlainJson::notPlain);
    long elements = count(shape);
    if (!type.fixedSize() || elements * type.byteSize() > Integer.MAX_VALUE - 8L) {
      throw PlainJson.notPlain();
    }
    // From the message's own length, never from what a shape claims: count() has seen to that.
    var out = memory.allocate((int) elements * type.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    in.open('[');
    if (shape.length > 1 && in.next() == '[') {
      nested(type, shape, 0, out);
    } else {
      in.numbers(type, elements, out);
    }
    tensor.data = out.flip();
  }

  /** An element takes two characters at least; more elements than that are the other's affair. */
  private long count(long[] shape) {
    long elements = 1;
    long most = in.left() / 2L + 1;
    for (long size : shape) {
      if (size == 0 || size > most) {
        throw PlainJson.notPlain();
      }
      elements *= size;
      if (elements > most) {
        throw PlainJson.notPlain();
      }
    }
    return elements;
  }

  private void nested(DataType type, long[] shape, int level, ByteBuffer out) {
    if (level == shape.length - 1) {
      in.numbers(type, shape[level], out);
      return;
    }
    long count = 0;
    do {
      if (++count > shape[level]) {
        throw PlainJson.notPlain();
      }
      in.open('[');
      nested(type, shape, level + 1, out);
    } while (in.more(']'));
    if (count != shape[level]) {
      throw PlainJson.notPlain();
    }
  }
}
