package dev.millrace.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.gateway.routing.RequestTarget;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.Snapshot.KeyEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyAuthenticatorTest {
  private KeyAuthenticator authenticator;

  @BeforeEach
  void knowsOneKey() throws Exception {
    var salt = new byte[] {1, 2, 3};
    var digest = MessageDigest.getInstance("SHA-256");
    digest.update(salt);
    var hash = digest.digest("se_cret-1".getBytes(StandardCharsets.UTF_8));
    var base64 = Base64.getEncoder();
    authenticator =
        KeyAuthenticator.of(
            List.of(
                new KeyEntry(
                    "id1",
                    base64.encodeToString(salt),
                    base64.encodeToString(hash),
                    "p",
                    List.of("invoker", "a-role-of-the-future")),
                new KeyEntry("bad", "not base64!", "x", "p", List.of("admin"))));
  }

  @Test
  void recognisesAKey() {
    assertThat(authenticator.authenticate("Bearer mr_id1_se_cret-1"))
        .isEqualTo(new Identity("p", "id1", Set.of(Role.INVOKER)));
    assertThat(authenticator.authenticate("bearer mr_id1_se_cret-1").project()).isEqualTo("p");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "Basic bXI=",
        "Bearer",
        "Bearer ",
        "Bearer mr_",
        "Bearer mr_id1",
        "Bearer mr_id1_",
        "Bearer mr_id1_wrong",
        "Bearer mr_id2_se_cret-1",
        "Bearer id1_se_cret-1",
        "Bearer mr_bad_x",
        "mr_id1_se_cret-1"
      })
  void recognisesNothingElse(String header) {
    var failure =
        catchThrowableOfType(MillraceException.class, () -> authenticator.authenticate(header));
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
    assertThat(failure.message()).doesNotContain("se_cret");
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/models/a/infer,POST,INFER",
    "/v2/models/a,GET,DESCRIBE",
    "/v2/health/live,GET,PROBE",
    "/v1/embeddings,POST,INFER",
    "/v2/repository/index,POST,DESCRIBE",
    "/v2/repository/models/a/load,POST,CONTROL_WRITE",
    "/v2/repository/models/a/unload,POST,CONTROL_WRITE",
    "/v1/models,GET,DESCRIBE",
    "/api/v1/models,GET,CONTROL_READ",
    "/api/v1/models,POST,CONTROL_WRITE",
    "/api/v1/keys,GET,ADMINISTER"
  })
  void knowsWhatACallDoes(String path, String method, Operation expected) {
    assertThat(AccessPolicy.operation(RequestTarget.parse(path), method)).isEqualTo(expected);
  }

  @Test
  void loadingAndUnloadingOverGrpcNeedTheSameGrant() {
    for (var method : List.of("RepositoryModelLoad", "RepositoryModelUnload")) {
      var call = RequestTarget.parseGrpc("/inference.GRPCInferenceService/" + method);
      assertThat(AccessPolicy.operation(call, "POST")).isEqualTo(Operation.CONTROL_WRITE);
    }
    var index = RequestTarget.parseGrpc("/inference.GRPCInferenceService/RepositoryIndex");
    assertThat(AccessPolicy.operation(index, "POST")).isEqualTo(Operation.DESCRIBE);
  }

  @ParameterizedTest
  @CsvSource({
    "INVOKER,INFER,true", "INVOKER,DESCRIBE,true", "INVOKER,CONTROL_WRITE,false",
    "VIEWER,INFER,false", "VIEWER,CONTROL_READ,true", "VIEWER,CONTROL_WRITE,false",
    "DEPLOYER,CONTROL_WRITE,true", "DEPLOYER,INFER,true", "DEPLOYER,ADMINISTER,false",
    "ADMIN,ADMINISTER,true"
  })
  void decidesByRole(Role role, Operation operation, boolean allowed) {
    var decision = AccessPolicy.decide(operation, new Identity("p", "k", Set.of(role)));
    assertThat(decision instanceof AccessPolicy.Decision.Allowed).isEqualTo(allowed);
  }
}
