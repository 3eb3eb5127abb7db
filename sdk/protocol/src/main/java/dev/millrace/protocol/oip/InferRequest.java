package dev.millrace.protocol.oip;

import dev.millrace.protocol.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * One inference request, decoded.
 *
 * @param modelName the endpoint's name; empty when the path names it
 * @param modelVersion a decimal version or an alias; empty when not given
 * @param id the caller's id, echoed in the response; empty when not given
 * @param parameters flat protocol parameters: String, Long, Double or Boolean
 * @param inputs the tensors, in the order they came
 * @param outputs the outputs asked for; empty means all
 */
public record InferRequest(
    String modelName,
    String modelVersion,
    String id,
    Map<String, Object> parameters,
    List<Tensor> inputs,
    List<RequestedOutput> outputs) {}
