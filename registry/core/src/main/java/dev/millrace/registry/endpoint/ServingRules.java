package dev.millrace.registry.endpoint;

import static dev.millrace.registry.endpoint.SpecRules.invalid;

import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.SpecAmounts;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a spec may say about how an endpoint is served. */
final class ServingRules {
  private static final int MOST_LEVELS = 64;
  private static final int MOST_INSTANCES = 64;
  private static final int MOST_COUNT = 1_000_000;
  private static final Pattern DURATION = Pattern.compile("[0-9]{1,9}(us|ms|s|m|h)");
  private static final Duration LONGEST_TTL = Duration.ofDays(7);
  private static final long MOST_CACHE_BYTES = 1L << 40;
  private static final Pattern ENGINE_OPTION = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,99}");
  private static final Pattern ZERO = Pattern.compile("0+[a-z]+");

  /** Instead of a time: it stays in memory. */
  private static final String NEVER = "never";

  private static final Set<String> PADDING = Set.of("auto", "never", "always");
  private static final Set<String> ACTIONS = Set.of("reject", "delay");

  private ServingRules() {}

  /** INVALID_ARGUMENT that names the field and what was expected, or nothing. */
  static void check(ServingSpec serving) {
    checkDuration("serving.timeout", serving.timeout());
    checkDuration("serving.maxDelay", serving.maxDelay());
    if (!NEVER.equals(serving.idleAfter())) {
      checkDuration("serving.idleAfter", serving.idleAfter(), ", or never");
    }
    checkDuration("serving.queueTimeout", serving.queueTimeout());
    checkAutoCount("serving.maxBatch", serving.maxBatch(), MOST_COUNT);
    checkCount("serving.maxQueue", serving.maxQueue(), MOST_COUNT);
    checkCount("serving.priorityLevels", serving.priorityLevels(), MOST_LEVELS);
    checkAutoCount("serving.instances", serving.instances(), MOST_INSTANCES);
    checkChoice("serving.padding", serving.padding(), PADDING, "auto, never or always");
    checkChoice("serving.timeoutAction", serving.timeoutAction(), ACTIONS, "reject or delay");
    if (serving.slo() != null) {
      checkSlo(serving.slo());
    }
    if (serving.cache() != null) {
      checkCache(serving.cache());
    }
    if (serving.engine() != null) {
      serving.engine().forEach(ServingRules::checkEngineOption);
    }
    boolean ordered = Boolean.TRUE.equals(serving.preserveOrdering());
    if (ordered && serving.priorityLevels() != null && serving.priorityLevels() > 1) {
      throw invalid(
          "serving.preserveOrdering",
          "true with " + serving.priorityLevels() + " priorityLevels",
          "1 level, since nobody may overtake then");
    }
  }

  /** Which options there are and what they take is the runtime's knowledge, not the registry's. */
  private static void checkEngineOption(String name, String value) {
    if (!ENGINE_OPTION.matcher(name).matches()) {
      throw invalid("serving.engine", name, "names of letters, digits, '.', '_' and '-'");
    }
    if (value.isBlank() || value.length() > 500) {
      throw invalid("serving.engine." + name, value, "1 to 500 characters");
    }
  }

  private static void checkSlo(ServingSpec.Slo slo) {
    String latency = slo.latency();
    checkDuration("serving.slo.latency", latency);
    if (latency == null || ZERO.matcher(latency).matches()) {
      throw invalid(
          "serving.slo.latency", String.valueOf(latency), "more than 0, for example 50ms");
    }
    Double attainment = slo.attainment();
    if (attainment != null && !(attainment > 0 && attainment < 1)) {
      throw invalid("serving.slo.attainment", attainment.toString(), "more than 0 and less than 1");
    }
  }

  private static void checkCache(ServingSpec.Cache cache) {
    String ttl = cache.ttl();
    if (ttl != null) {
      checkDuration("serving.cache.ttl", ttl);
      Duration time = SpecAmounts.duration(ttl).orElseThrow();
      if (time.isZero() || time.compareTo(LONGEST_TTL) > 0) {
        throw invalid("serving.cache.ttl", ttl, "more than 0 and at most 168h, for example 60s");
      }
    }
    String most = cache.maxBytes();
    if (most != null) {
      long bytes = SpecAmounts.bytes(most).orElse(0);
      if (bytes < 1 || bytes > MOST_CACHE_BYTES) {
        throw invalid(
            "serving.cache.maxBytes",
            most,
            "more than 0 and at most 1024Gi: bytes, or a number of Ki, Mi or Gi, for example 64Mi");
      }
    }
  }

  private static void checkDuration(String field, @Nullable String value) {
    checkDuration(field, value, "");
  }

  private static void checkDuration(String field, @Nullable String value, String otherwise) {
    if (value != null && !DURATION.matcher(value).matches()) {
      throw invalid(
          field, value, "a number and a unit of us, ms, s, m, h, for example 30s" + otherwise);
    }
  }

  private static void checkCount(String field, @Nullable Integer value, int most) {
    if (value != null && (value < 1 || value > most)) {
      throw invalid(field, value.toString(), value < 1 ? "at least 1" : "at most " + most);
    }
  }

  /** Where {@code auto}, read as no number, may stand as well. */
  private static void checkAutoCount(String field, @Nullable Integer value, int most) {
    if (value != null && (value < 1 || value > most)) {
      throw invalid(field, value.toString(), "auto, or 1 to " + most);
    }
  }

  private static void checkChoice(
      String field, @Nullable String value, Set<String> choices, String expected) {
    if (value != null && !choices.contains(value)) {
      throw invalid(field, value, expected);
    }
  }
}
