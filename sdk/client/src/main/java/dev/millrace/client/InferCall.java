package dev.millrace.client;

import dev.millrace.protocol.oip.RequestedOutput;
import dev.millrace.protocol.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One inference call: tensors and what else the caller wants. Immutable; each {@code with…} returns
 * a changed copy. The tensors' buffers stay the caller's and must not change until the call ends.
 *
 * @param inputs the tensors, in any order
 * @param version a decimal version or an alias; null lets the endpoint's traffic decide
 * @param id the caller's id, echoed in the answer; empty for none
 * @param deadline longest time of the whole call; null for the client's default
 * @param outputs the outputs to return; empty means all
 * @param parameters flat protocol parameters: String, Long, Double or Boolean
 */
public record InferCall(
    List<Tensor> inputs,
    @Nullable String version,
    String id,
    @Nullable Duration deadline,
    List<RequestedOutput> outputs,
    Map<String, Object> parameters) {
  public InferCall {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    parameters = Map.copyOf(parameters);
    if (deadline != null && (deadline.isNegative() || deadline.isZero())) {
      throw new IllegalArgumentException("deadline: " + deadline + " (expected: more than zero)");
    }
  }

  /** A call with those inputs and nothing else asked for. */
  public static InferCall of(Tensor... inputs) {
    return of(List.of(inputs));
  }

  /** A call with those inputs and nothing else asked for. */
  public static InferCall of(List<Tensor> inputs) {
    return new InferCall(inputs, null, "", null, List.of(), Map.of());
  }

  /** The same call to one version, by number or alias. */
  public InferCall withVersion(String value) {
    return new InferCall(inputs, value, id, deadline, outputs, parameters);
  }

  /** The same call with an id that the answer echoes. */
  public InferCall withId(String value) {
    return new InferCall(inputs, version, value, deadline, outputs, parameters);
  }

  /** The same call with a bound on its whole time. */
  public InferCall withDeadline(Duration value) {
    return new InferCall(inputs, version, id, value, outputs, parameters);
  }

  /** The same call that returns only the outputs of those names. */
  public InferCall withOutputs(String... names) {
    var requested = new ArrayList<RequestedOutput>();
    for (String name : names) {
      requested.add(new RequestedOutput(name, Map.of()));
    }
    return new InferCall(inputs, version, id, deadline, requested, parameters);
  }

  /** The same call with one more protocol parameter. */
  public InferCall withParameter(String name, Object value) {
    var more = new LinkedHashMap<>(parameters);
    more.put(name, value);
    return new InferCall(inputs, version, id, deadline, outputs, more);
  }
}
