package dev.millrace.runtime.engine;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The keys of ONNX Runtime's session configuration that a version may set. ONNX Runtime itself
 * accepts unknown keys without a word, so a misspelt one would do nothing; and some keys name files
 * of this machine, which is no version's business.
 */
final class SessionConfig {
  private static final Pattern FLAG = Pattern.compile("[01]");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9_;,]{1,500}");
  private static final Pattern AFFINITIES = Pattern.compile("[0-9,;-]{1,500}");

  private static final Map<String, Pattern> KEYS =
      Map.ofEntries(
          Map.entry("optimization.constant_folding_max_output_size_in_bytes", NUMBER),
          Map.entry("optimization.disable_specified_optimizers", NAMES),
          Map.entry("optimization.enable_cast_chain_elimination", FLAG),
          Map.entry("optimization.enable_gelu_approximation", FLAG),
          Map.entry("session.disable_aot_function_inlining", FLAG),
          Map.entry("session.disable_cpu_ep_fallback", FLAG),
          Map.entry("session.disable_double_qdq_remover", FLAG),
          Map.entry("session.disable_prepacking", FLAG),
          Map.entry("session.disable_qdq_constant_folding", FLAG),
          Map.entry("session.disable_quant_qdq", FLAG),
          Map.entry("session.enable_dq_matmulnbits_fusion", FLAG),
          Map.entry("session.enable_quant_qdq_cleanup", FLAG),
          Map.entry("session.force_spinning_stop", FLAG),
          Map.entry("session.graph_optimizations_loop_level", Pattern.compile("[012]")),
          Map.entry("session.intra_op.spin_duration_us", NUMBER),
          Map.entry("session.intra_op_thread_affinities", AFFINITIES),
          Map.entry("session.qdq_matmulnbits_accuracy_level", Pattern.compile("[0-4]")),
          Map.entry("session.qdqisint8allowed", FLAG),
          Map.entry("session.strict_shape_type_inference", FLAG),
          Map.entry("session.use_device_allocator_for_initializers", FLAG),
          Map.entry("session.x64quantprecision", FLAG));

  private SessionConfig() {}

  /** All keys, sorted. */
  static Set<String> keys() {
    return new TreeSet<>(KEYS.keySet());
  }

  /**
   * Checks one entry.
   *
   * @throws IllegalArgumentException when the key is not in the list or the value has another form
   */
  static void check(String key, String value) {
    Pattern form = KEYS.get(key);
    if (form == null) {
      throw new IllegalArgumentException(
          "%s: unknown (expected: %s)".formatted(key, Nearest.suggestion(key, keys())));
    }
    EngineOptions.require(form.matcher(value).matches(), key, value, form.pattern());
  }
}
