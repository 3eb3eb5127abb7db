package dev.millrace.protocol.control;

/**
 * A file of a version, addressed by its content.
 *
 * @param name file name inside the version, for example {@code model.onnx}; never a path
 * @param digest {@code sha256:} and 64 lower-case hexadecimal digits
 * @param size bytes
 */
public record Artifact(String name, String digest, long size) {}
