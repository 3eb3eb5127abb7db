package dev.millrace.protocol.oip;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields of a request's or response's JSON object, as far as they came. */
final class JsonMessage {
  String id = "";
  String modelName = "";
  String modelVersion = "";
  Map<String, Object> parameters = Map.of();
  List<RequestedOutput> requested = List.of();
  @Nullable List<PendingTensor> tensors;
}
