package dev.millrace.benchmarks.workload;

import dev.millrace.benchmarks.wire.Exchange;
import java.util.List;

/** Requests for one model, with answers that can be checked. */
public interface Workload {
  /** The endpoint's name, unless the user names another. */
  String model();

  /**
   * Distinct requests, to be sent in turn; the same ones on every call of this method.
   *
   * @param model the endpoint's name as the server knows it
   */
  List<Exchange> exchanges(Protocol protocol, String model);

  /**
   * Where they are posted when they travel over HTTP.
   *
   * @param model the endpoint's name as the server knows it
   */
  default String path(String model) {
    return "/v2/models/" + model + "/infer";
  }
}
