package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.runtime.server.config.RuntimeOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Admits calls over the network: only processes of the cluster may call a runtime, since the
 * gateway is where callers are authenticated. An upstream in the same process needs no token.
 */
@ApplicationScoped
public class ClusterToken {
  private final byte[] expected;

  public ClusterToken(RuntimeOptions options) {
    this.expected = options.listen().clusterToken().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Lets the call pass or fails.
   *
   * @param given what the call carries
   * @throws MillraceException UNAUTHENTICATED when it is missing or another
   */
  public void check(@Nullable String given) {
    // Constant time, so that the answer's delay tells nothing about the token.
    if (expected.length == 0
        || given == null
        || !MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8))) {
      throw MillraceException.of(
          ErrorCode.UNAUTHENTICATED,
          "header '%s' is %s; callers outside the cluster use the gateway",
          MillraceHeaders.INTERNAL_TOKEN,
          given == null ? "missing" : "not this cluster's");
    }
  }
}
