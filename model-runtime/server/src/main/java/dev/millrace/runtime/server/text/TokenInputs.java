package dev.millrace.runtime.server.text;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Turns tokens into the input tensors of a model, a batch of one. Immutable. */
final class TokenInputs {
  private final List<TensorSignature> inputs;

  TokenInputs(Signature signature) {
    this.inputs = signature.inputs();
  }

  List<Tensor> of(Tokens tokens) {
    List<Tensor> tensors = new ArrayList<>(inputs.size());
    for (TensorSignature input : inputs) {
      tensors.add(tensor(input, values(input.name(), tokens)));
    }
    return tensors;
  }

  private static long[] values(String input, Tokens tokens) {
    return switch (input) {
      case "attention_mask" -> tokens.mask();
      case "token_type_ids" -> tokens.types();
      default -> tokens.ids();
    };
  }

  private static Tensor tensor(TensorSignature input, long[] values) {
    ByteBuffer data =
        ByteBuffer.allocate(values.length * input.datatype().byteSize())
            .order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      if (input.datatype() == DataType.INT32) {
        data.putInt((int) value);
      } else {
        data.putLong(value);
      }
    }
    return new Tensor(input.name(), input.datatype(), new long[] {1, values.length}, data.flip());
  }
}
