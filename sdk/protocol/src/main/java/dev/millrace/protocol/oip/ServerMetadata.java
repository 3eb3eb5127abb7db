package dev.millrace.protocol.oip;

import java.util.List;

/** What {@code GET /v2} and {@code ServerMetadata} answer; {@code extensions} lists what works. */
public record ServerMetadata(String name, String version, List<String> extensions) {}
