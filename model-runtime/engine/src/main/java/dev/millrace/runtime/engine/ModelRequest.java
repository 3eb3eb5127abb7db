package dev.millrace.runtime.engine;

import dev.millrace.protocol.tensor.Tensor;
import java.util.List;

/**
 * One inference request that fits the model: made by {@link InputCheck}, executed by {@link
 * BatchRunner}.
 *
 * @param inputs one per input of the signature, in its order; views whose buffers must stay alive
 *     and unchanged until {@link BatchRunner#execute} has returned. A request that is cancelled or
 *     expires while it is being executed is answered earlier than that: give buffers that the
 *     garbage collector owns, or do not recycle them on the answer
 * @param outputs names of the outputs to return, in the order asked for; at least one
 * @param rows size along the batch axis; 1 when the model has none
 * @param bytes what the inputs hold in memory
 * @param shapeKey requests with equal keys can be executed together; holds no caller's buffer
 * @param familyKey requests with equal keys can be executed together if the batch is padded to the
 *     longest of them; equal to {@code shapeKey} where padding is not allowed
 * @param length size along the dimension that is padded, at least 1; 1 where there is none
 */
public record ModelRequest(
    List<Tensor> inputs,
    List<String> outputs,
    int rows,
    long bytes,
    Object shapeKey,
    Object familyKey,
    int length) {}
