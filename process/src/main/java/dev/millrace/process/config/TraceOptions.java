package dev.millrace.process.config;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;

/**
 * Whether and where spans go. Immutable, valid once made.
 *
 * @param enabled whether spans are made at all
 * @param endpoint the whole URL of a collector's OTLP/HTTP receiver
 * @param ratio share of the calls without a {@code traceparent} of their own that are traced, 0 to
 *     1; a call with one is traced when that says so
 * @param exportTimeout how long one export may take
 */
public record TraceOptions(boolean enabled, URI endpoint, double ratio, Duration exportTimeout) {
  private static final String PREFIX = "millrace.telemetry.traces.";

  public TraceOptions {
    String scheme = endpoint.getScheme();
    require(
        scheme != null
            && (scheme.toLowerCase(Locale.ROOT).equals("http")
                || scheme.toLowerCase(Locale.ROOT).equals("https"))
            && endpoint.getHost() != null,
        "endpoint",
        endpoint,
        "an http or https URL, such as http://localhost:4318/v1/traces");
    require(ratio >= 0 && ratio <= 1, "ratio", ratio, "0 to 1");
    require(exportTimeout.isPositive(), "export-timeout", exportTimeout, "more than 0");
  }

  /** The options that {@code config} asks for. */
  public static TraceOptions of(TraceConfig config) {
    return new TraceOptions(
        config.enabled(), config.endpoint(), config.ratio(), config.exportTimeout());
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          "%s%s: %s (expected: %s)".formatted(PREFIX, field, value, expected));
    }
  }
}
