package dev.millrace.registry.endpoint;

import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.model.NameRule;
import java.util.HashSet;
import java.util.List;

/** What a spec may say by itself; whether its versions exist is checked where they are known. */
final class SpecRules {
  private static final int MOST_TARGETS = 16;

  private SpecRules() {}

  /** INVALID_ARGUMENT that names the field and what was expected, or nothing. */
  static void check(EndpointSpec spec) {
    var model = spec.model();
    if (model != null) {
      NameRule.check("model", model);
    }
    var pool = spec.pool();
    if (pool != null) {
      NameRule.check("pool", pool);
    }
    var version = spec.version();
    var traffic = spec.traffic();
    if ((version == null) == (traffic == null)) {
      throw invalid(
          "version, traffic",
          version == null ? "both absent" : "both given",
          "either the version that should serve, or fixed weights");
    }
    if (version != null && version < 1) {
      throw invalid("version", version.toString(), "at least 1");
    }
    if (traffic != null) {
      checkTraffic(traffic);
    }
    var serving = spec.serving();
    if (serving != null) {
      ServingRules.check(serving);
    }
  }

  private static void checkTraffic(List<TrafficTarget> traffic) {
    if (traffic.isEmpty() || traffic.size() > MOST_TARGETS) {
      throw invalid("traffic", traffic.size() + " entries", "1-" + MOST_TARGETS + " entries");
    }
    int sum = 0;
    var versions = new HashSet<Integer>();
    for (var target : traffic) {
      if (target == null || target.version() < 1) {
        throw invalid("traffic.version", String.valueOf(target), "at least 1");
      }
      if (target.weight() < 0 || target.weight() > 100) {
        throw invalid("traffic.weight", Integer.toString(target.weight()), "0-100");
      }
      if (!versions.add(target.version())) {
        throw invalid("traffic", "version " + target.version() + " twice", "each version once");
      }
      sum += target.weight();
    }
    if (sum != 100) {
      throw invalid("traffic", "weights that sum to " + sum, "100");
    }
  }

  static MillraceException invalid(String field, String came, String expected) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "spec: %s: %s (expected: %s)".formatted(field, NameRule.quoted(came), expected));
  }
}
