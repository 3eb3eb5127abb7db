package dev.millrace.registry.endpoint;

import static dev.millrace.registry.RegistryFixture.V1;
import static dev.millrace.registry.RegistryFixture.serves;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.RepositoryChange;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.RegistryFixture;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryModelsTest {
  @TempDir Path folder;
  private RegistryFixture it;

  @BeforeEach
  void start() throws Exception {
    it = new RegistryFixture(folder);
  }

  private long change(String name, boolean load, @Nullable String config) {
    return it.registry
        .repository()
        .change(new RepositoryChange("default", name, "deployer", load, config))
        .revision();
  }

  private EndpointSpec spec() {
    return it.registry.endpoints().get("default", "iris").spec();
  }

  private void givenServing() throws Exception {
    it.reports("r1");
    it.upload(3);
    it.admits(V1);
    it.put(serves(1));
    it.reports("r1", V1);
    assertThat(it.traffic()).containsExactly(new TrafficTarget(1, 100));
  }

  @Test
  void unloadingSuspendsTheEndpointAndTakesItsVersionFromTheRuntimes() throws Exception {
    givenServing();

    assertThat(change("iris", false, null)).isEqualTo(2);

    assertThat(spec().suspended()).isTrue();
    assertThat(it.assignment("r1").load()).isEmpty();
    var entry = it.snapshot().endpoints().getFirst();
    assertThat(entry.suspended()).isTrue();
    assertThat(entry.revision()).isEqualTo(2);
    var status = it.registry.endpoints().get("default", "iris").status();
    assertThat(status.suspended()).isTrue();
    assertThat(status.ready()).isFalse();
    assertThat(status.waitingFor())
        .contains("it was unloaded", "millrace endpoints resume iris", "/models/iris/load");
    assertThat(it.registry.events().of("default", "iris", 0, 100).items().getLast().type())
        .isEqualTo("EndpointSuspended");
    assertThat(it.registry.endpoints().get("default", "iris").changedBy()).isEqualTo("deployer");
  }

  @Test
  void loadingResumesWhatWasInForce() throws Exception {
    givenServing();
    change("iris", false, null);
    it.reports("r1");

    assertThat(change("iris", true, null)).isEqualTo(3);

    assertThat(spec()).isEqualTo(serves(1));
    assertThat(it.assignment("r1").load()).containsExactly(V1);
    assertThat(it.traffic()).containsExactly(new TrafficTarget(1, 100));
    assertThat(it.registry.events().of("default", "iris", 0, 100).items().getLast().type())
        .isEqualTo("EndpointResumed");
  }

  @Test
  void whatIsSoAlreadyIsNotWrittenAgain() throws Exception {
    givenServing();
    assertThat(change("iris", true, null)).isEqualTo(1);
    assertThat(change("iris", true, "{}")).isEqualTo(1);
    assertThat(change("iris", false, null)).isEqualTo(2);
    assertThat(change("iris", false, null)).isEqualTo(2);
  }

  @Test
  void anotherEndpointKeepsTheVersionLoaded() throws Exception {
    givenServing();
    var other = new EndpointSpec("iris", 1, null, null, null);
    it.registry.endpoints().put("default", "other", other, new Endpoints.Write(null, "tester"));

    change("iris", false, null);

    assertThat(it.assignment("r1").load()).containsExactly(V1);
  }

  @Test
  void aModelWithoutAnEndpointGetsOneForItsNewestReadyVersion() throws Exception {
    it.reports("r1");
    it.upload(3);
    it.admits(V1);
    it.upload(4);
    it.rejects(new VersionKey("default", "iris", 2), "too large");

    assertThat(change("iris", true, "{\"max_batch_size\": 4}")).isEqualTo(1);

    assertThat(spec().version()).isEqualTo(1);
    assertThat(spec().serving()).isEqualTo(new ServingSpec(null, 4, null, null));
    assertThat(it.assignment("r1").load()).containsExactly(V1);
  }

  @Test
  void whatCannotBeLoadedSaysWhy() throws Exception {
    fails(ErrorCode.NOT_FOUND, () -> change("nobody", true, null))
        .hasMessage("model 'nobody' not found");
    fails(ErrorCode.NOT_FOUND, () -> change("nobody", false, null));

    it.reports("r1");
    it.upload(3);
    fails(ErrorCode.MODEL_NOT_READY, () -> change("iris", true, null));
    fails(ErrorCode.NOT_FOUND, () -> change("iris", false, null));
    it.rejects(V1, "it crashed");
    fails(ErrorCode.MODEL_REJECTED, () -> change("iris", true, null))
        .hasMessageContaining("version 1 of model 'iris' was rejected: it crashed");
    assertThat(it.store.endpoint("default", "iris")).isEmpty();
  }

  @Test
  void anEndpointWhoseOnlyVersionWasRejectedIsNotLoadedButUnloaded() throws Exception {
    it.reports("r1");
    it.upload(3);
    it.put(serves(1));
    it.rejects(V1, "it crashed");

    fails(ErrorCode.MODEL_REJECTED, () -> change("iris", true, null))
        .hasMessageContaining("it crashed");
    assertThat(change("iris", false, null)).isEqualTo(2);
    fails(ErrorCode.MODEL_REJECTED, () -> change("iris", true, null));
    assertThat(spec().suspended()).isTrue();
  }

  @Test
  void aConfigurationReplacesItsCounterpartsAndLeavesTheRest() throws Exception {
    givenServing();
    it.put(new EndpointSpec(null, 1, null, new ServingSpec("30s", 8, "2ms", 512), null));

    change(
        "iris",
        true,
        """
        {"max_batch_size": 16, "dynamic_batching": {"max_queue_delay_microseconds": "700",
         "preserve_ordering": true, "priority_levels": 0}, "instance_group": [{"count": 2}],
         "response_cache": {"enable": true}}
        """);

    var serving = spec().serving();
    assertThat(serving.timeout()).isEqualTo("30s");
    assertThat(serving.maxQueue()).isEqualTo(512);
    assertThat(serving.maxBatch()).isEqualTo(16);
    assertThat(serving.maxDelay()).isEqualTo("700us");
    assertThat(serving.preserveOrdering()).isTrue();
    assertThat(serving.priorityLevels()).isNull();
    assertThat(serving.instances()).isEqualTo(2);
    assertThat(serving.cache()).isEqualTo(new ServingSpec.Cache(null, null));
    change("iris", true, "{\"response_cache\": {\"enable\": false}}");
    assertThat(spec().serving().cache()).isNull();
    assertThat(spec().serving().maxBatch()).isEqualTo(16);
  }

  @Test
  void fieldsWithoutACounterpartAreNamed() throws Exception {
    givenServing();
    refused("{\"backend\": \"x\"}", "field 'backend'");
    refused(
        "{\"dynamic_batching\": {\"preferred_batch_size\": [4]}}", "dynamic_batching.preferred");
    refused(
        "{\"instance_group\": [{\"count\": 1, \"kind\": \"KIND_GPU\"}]}", "instance_group[0].kind");
    refused("{\"instance_group\": []}", "a list of one group");
    refused("{\"max_batch_size\": 0}", "max_batch_size: 0 (expected: a whole number from 1");
    refused("{\"max_batch_size\": 1.5}", "max_batch_size: 1.5");
    refused("{\"response_cache\": {}}", "response_cache.enable: absent");
    refused("{\"dynamic_batching\": 1}", "dynamic_batching (expected: an object)");
    refused("[]", "not an object");
    refused("", "not an object");
    refused("{", "malformed JSON");
    assertThat(spec()).isEqualTo(serves(1));
  }

  private void refused(String config, String message) {
    fails(ErrorCode.INVALID_ARGUMENT, () -> change("iris", true, config))
        .hasMessageContaining(message);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> fails(
      ErrorCode code, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MillraceException.class, failure -> assertThat(failure.code()).isEqualTo(code));
  }
}
