package dev.millrace.protocol.control;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

/** How control documents and snapshots are written as JSON: one configuration for every process. */
public final class ControlJson {
  private static final ObjectMapper STRICT = builder().build();

  private static final ObjectMapper LENIENT =
      builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private ControlJson() {}

  /** For what people write: an unknown field is an error. Thread-safe; not to be reconfigured. */
  public static ObjectMapper strict() {
    return STRICT;
  }

  /**
   * For what processes write: an unknown field comes from a newer version and is skipped.
   * Thread-safe; not to be reconfigured.
   */
  public static ObjectMapper lenient() {
    return LENIENT;
  }

  private static JsonMapper.Builder builder() {
    return JsonMapper.builder()
        .addModule(new JavaTimeModule())
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
  }
}
