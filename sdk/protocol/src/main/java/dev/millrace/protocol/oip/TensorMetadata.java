package dev.millrace.protocol.oip;

import java.util.List;

/**
 * One input or output of a model as the protocol shows it.
 *
 * @param shape dimensions, -1 where a size is free
 */
public record TensorMetadata(String name, String datatype, List<Long> shape) {}
