package dev.millrace.cli.command;

import dev.millrace.cli.Progress;
import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionDocument;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Documents as short texts for people. */
final class Texts {
  private Texts() {}

  /** For example {@code version 2 (90 %), version 1 (10 %)}; {@code nothing} when empty. */
  static String traffic(@Nullable List<TrafficTarget> traffic) {
    if (traffic == null || traffic.isEmpty()) {
      return "nothing";
    }
    return traffic.stream()
        .map(target -> "version " + target.version() + " (" + target.weight() + " %)")
        .collect(Collectors.joining(", "));
  }

  /** What an endpoint is asked to serve. */
  static String wish(EndpointSpec spec) {
    return spec.version() != null ? "version " + spec.version() : traffic(spec.traffic());
  }

  /** For example {@code champion=3, old=1}. */
  static String aliases(@Nullable Map<String, Integer> aliases) {
    if (aliases == null || aliases.isEmpty()) {
      return "-";
    }
    return new TreeMap<>(aliases)
        .entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(", "));
  }

  /** For example {@code x FP32[batch,4] → y FP32[batch,3]}. */
  static String signature(Signature signature) {
    return tensors(signature.inputs()) + " → " + tensors(signature.outputs());
  }

  private static String tensors(List<TensorSignature> tensors) {
    return tensors.stream()
        .map(
            tensor ->
                tensor.name()
                    + " "
                    + tensor.datatype()
                    + tensor.shape().stream()
                        .map(Object::toString)
                        .collect(Collectors.joining(",", "[", "]")))
        .collect(Collectors.joining(", "));
  }

  /** The size of all artifacts of a version. */
  static String size(VersionDocument version) {
    return Progress.size(version.artifacts().stream().mapToLong(Artifact::size).sum());
  }
}
