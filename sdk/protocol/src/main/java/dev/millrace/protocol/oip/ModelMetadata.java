package dev.millrace.protocol.oip;

import java.util.List;
import java.util.Map;

/**
 * What {@code GET /v2/models/{m}} and {@code ModelMetadata} answer.
 *
 * @param properties alias, digest, task, batch axis
 */
public record ModelMetadata(
    String name,
    List<String> versions,
    String platform,
    List<TensorMetadata> inputs,
    List<TensorMetadata> outputs,
    Map<String, String> properties) {}
