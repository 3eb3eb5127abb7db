package dev.millrace.runtime.engine;

import dev.millrace.runtime.engine.SessionSettings.ExecutionMode;
import dev.millrace.runtime.engine.SessionSettings.Graph;
import dev.millrace.runtime.engine.SessionSettings.Optimization;
import dev.millrace.runtime.engine.SessionSettings.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link SessionSettings} from named options. Confined to one thread.
 *
 * <p>The options: {@code instances} (or {@code instance_group}), {@code intra_op_threads}, {@code
 * inter_op_threads}, {@code spinning}, {@code execution_mode} (sequential, parallel), {@code
 * dynamic_block_base}, {@code optimization_level} (none, basic, extended, all), {@code
 * memory_pattern}, {@code cpu_arena}, {@code denormal_as_zero}, {@code device} (cpu, cuda:N,
 * tensorrt:N), {@code device_memory_limit}, {@code fp16}, {@code engine_cache}, and the keys of
 * {@link SessionConfig} as they are.
 */
final class SettingsReader {
  private static final List<String> NAMES =
      List.of(
          "instances",
          "instance_group",
          "intra_op_threads",
          "inter_op_threads",
          "spinning",
          "execution_mode",
          "dynamic_block_base",
          "optimization_level",
          "memory_pattern",
          "cpu_arena",
          "denormal_as_zero",
          "device",
          "device_memory_limit",
          "fp16",
          "engine_cache");

  private static final Pattern BYTES = Pattern.compile("([0-9]{1,18})\\s*([kmgt]?)(?:i?b)?");

  private final Map<String, String> values = new HashMap<>();
  private final Map<String, String> config = new HashMap<>();

  SettingsReader(Map<String, String> options) {
    options.forEach(
        (given, value) -> {
          if (given.indexOf('.') >= 0) {
            config.put(given, value.strip());
            return;
          }
          String name = canonical(given);
          if (!NAMES.contains(name)) {
            var known = new ArrayList<>(NAMES);
            known.add("session.*");
            throw new IllegalArgumentException(
                "option '%s': unknown (expected: %s)"
                    .formatted(given, Nearest.suggestion(name, known)));
          }
          values.put("instance_group".equals(name) ? "instances" : name, value.strip());
        });
  }

  /** {@code intraOpThreads} and {@code intra-op-threads} are {@code intra_op_threads}. */
  private static String canonical(String name) {
    return name.strip()
        .replaceAll("([a-z0-9])([A-Z])", "$1_$2")
        .replace('-', '_')
        .toLowerCase(Locale.ROOT);
  }

  SessionSettings read() {
    Threads threads = Threads.DEFAULT;
    Graph graph = Graph.DEFAULT;
    return new SessionSettings(
        get("instances", 1, this::integer),
        new Threads(
            get("intra_op_threads", null, this::integer),
            get("inter_op_threads", null, this::integer),
            get("spinning", null, this::flag),
            get("execution_mode", threads.mode(), text -> constant(ExecutionMode.class, text)),
            get("dynamic_block_base", threads.dynamicBlockBase(), this::integer)),
        new Graph(
            get(
                "optimization_level",
                graph.optimization(),
                text -> constant(Optimization.class, text)),
            get("memory_pattern", graph.memoryPattern(), this::flag),
            get("cpu_arena", graph.cpuArena(), this::flag),
            get("denormal_as_zero", graph.denormalAsZero(), this::flag)),
        device(),
        config);
  }

  private Device device() {
    Device plain = get("device", Device.CPU, Device::named);
    return new Device(
        plain.provider(),
        plain.id(),
        get("device_memory_limit", 0L, this::bytes),
        get("fp16", false, this::flag),
        get("engine_cache", true, this::flag));
  }

  private <T extends @Nullable Object> T get(String name, T otherwise, Function<String, T> parse) {
    String text = values.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      return parse.apply(text);
    } catch (Malformed malformed) {
      throw new IllegalArgumentException(
          "%s: %s (expected: %s)".formatted(name, text, malformed.getMessage()));
    }
  }

  private Integer integer(String text) {
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException notANumber) {
      throw new Malformed("a whole number");
    }
  }

  private Boolean flag(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "1", "on" -> true;
      case "false", "0", "off" -> false;
      default -> throw new Malformed("true or false");
    };
  }

  private Long bytes(String text) {
    Matcher matcher = BYTES.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new Malformed("bytes, for example 4GiB");
    }
    int shift = 10 * (" kmgt".indexOf(matcher.group(2).isEmpty() ? " " : matcher.group(2)));
    long amount = Long.parseLong(matcher.group(1));
    if (amount > Long.MAX_VALUE >> shift) {
      throw new Malformed("bytes, for example 4GiB");
    }
    return amount << shift;
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String text) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(text)) {
        return constant;
      }
    }
    throw new Malformed(
        String.join(
            ", ",
            Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .toList()));
  }

  /** Says what was expected; the caller knows the option's name. */
  private static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed(String expected) {
      super(expected, null, false, false);
    }
  }
}
