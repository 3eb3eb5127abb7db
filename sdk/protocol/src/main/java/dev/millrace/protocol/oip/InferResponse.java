package dev.millrace.protocol.oip;

import dev.millrace.protocol.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * One inference response, not yet encoded.
 *
 * @param modelName the endpoint's name, as the caller knows it
 * @param modelVersion the decimal version that answered
 * @param id the caller's id; empty when none was given
 * @param parameters flat protocol parameters; possibly empty
 * @param outputs the tensors, in the order they were asked for
 */
public record InferResponse(
    String modelName,
    String modelVersion,
    String id,
    Map<String, Object> parameters,
    List<Tensor> outputs) {}
