package dev.millrace.runtime.server.cache;

import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.SpecAmounts;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint asks of its cache.
 *
 * @param ttl how long an answer may be given again, more than zero
 * @param maxBytes most memory of the answers, at least 1
 */
record CacheSettings(Duration ttl, long maxBytes) {
  /** The registry has checked the values; an odd one from a newer registry falls back. */
  static CacheSettings of(ServingSpec.Cache spec) {
    return new CacheSettings(ttl(spec.ttl()), maxBytes(spec.maxBytes()));
  }

  private static Duration ttl(@Nullable String text) {
    return SpecAmounts.duration(Objects.requireNonNullElse(text, ServingSpec.Cache.DEFAULT_TTL))
        .filter(time -> !time.isZero())
        .orElseGet(() -> ttl(null));
  }

  private static long maxBytes(@Nullable String text) {
    long bytes =
        SpecAmounts.bytes(Objects.requireNonNullElse(text, ServingSpec.Cache.DEFAULT_MAX_BYTES))
            .orElse(0);
    return bytes > 0 ? bytes : maxBytes(null);
  }
}
