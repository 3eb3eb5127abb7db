package dev.millrace.protocol.oip;

import java.util.Map;

/**
 * One output that the caller asked for by name.
 *
 * @param parameters for example {@code binary_data} (Boolean) or {@code classification} (Long)
 */
public record RequestedOutput(String name, Map<String, Object> parameters) {}
