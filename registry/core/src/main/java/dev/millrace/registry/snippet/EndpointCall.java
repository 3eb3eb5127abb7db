package dev.millrace.registry.snippet;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Signature;
import dev.millrace.registry.sample.SampleRequest;
import java.util.Optional;

/**
 * What a snippet calls.
 *
 * @param endpoint a valid name: nothing in it needs quoting
 * @param manifest says whether the endpoint is called with text
 */
public record EndpointCall(
    PlatformUrl baseUrl,
    String endpoint,
    ModelManifest manifest,
    Signature signature,
    SampleRequest sample) {
  /** The call with text; empty when the endpoint takes tensors. */
  public Optional<TextCall> text() {
    return TextCall.of(endpoint, manifest);
  }

  /** Where tensors go. */
  String inferUrl() {
    return baseUrl + "/v2/models/" + endpoint + "/infer";
  }
}
