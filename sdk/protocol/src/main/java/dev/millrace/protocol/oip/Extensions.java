package dev.millrace.protocol.oip;

import java.util.List;

/** The extensions of the Open Inference Protocol that work here, as server metadata lists them. */
public final class Extensions {
  /** By name, in alphabetical order. */
  public static final List<String> OFFERED =
      List.of(
          "binary_tensor_data",
          "classification",
          "model_configuration",
          "model_repository",
          "model_repository(unload_dependents)",
          "parameters",
          "schedule_policy",
          "sequence",
          "sequence(string_id)",
          "statistics");

  private Extensions() {}
}
