package dev.millrace.registry.version;

import static dev.millrace.registry.RegistryFixture.V1;
import static dev.millrace.registry.RegistryFixture.serves;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.registry.RegistryFixture;
import dev.millrace.registry.store.StoreSamples;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdmissionsTest {
  @TempDir Path folder;
  private RegistryFixture it;

  @BeforeEach
  void start() throws Exception {
    it = new RegistryFixture(folder);
  }

  @AfterEach
  void nothingFailedBehindTheScenes() {
    assertThat(it.failures).isEmpty();
  }

  @Test
  void keepsTheProfileOfAnAdmittedVersionAndTellsTheRuntimes() throws Exception {
    String digest = it.upload(3).version().digest();
    it.put(serves(1));
    it.reports("r1");
    Profile cpu = StoreSamples.profile(digest, "cpu", 4);

    it.registry.admission(new AdmissionReport(V1, true, null, null, 5, cpu));

    assertThat(it.registry.profiles().get(version(), null)).isEqualTo(cpu);
    assertThat(it.snapshot().versions().get(0).profile("cpu")).contains(cpu);
    long before = it.snapshot().number();
    Profile gpu = StoreSamples.profile(digest, "h100", 8);
    it.registry.profiles().take(gpu);
    assertThat(it.snapshot().number()).isEqualTo(before + 1);
    assertThat(it.snapshot().versions().get(0).profiles()).containsExactly(cpu, gpu);
    assertThat(it.registry.profiles().get(version(), "h100")).isEqualTo(gpu);
  }

  @Test
  void theEventSaysThatCallsRunOneByOne() throws Exception {
    String digest = it.upload(3).version().digest();
    Profile fine = StoreSamples.profile(digest, "cpu", 4);
    var apart =
        new Profile(
            digest,
            "cpu",
            fine.measuredAt(),
            fine.onnxRuntime(),
            fine.footprint(),
            null,
            List.of(),
            new Profile.Invariance(Profile.Finding.NO, 0.02, null),
            Profile.Invariance.unknown("rows do not share an execution"),
            Profile.Finding.YES,
            fine.recommended());

    it.registry.admission(new AdmissionReport(V1, true, null, null, 5, apart));

    assertThat(messages())
        .anyMatch(
            said ->
                said.contains("its calls run one by one, since beside others")
                    && said.contains("2.0e-02")
                    && said.contains("serving.maxBatch"));
  }

  @Test
  void aProfileOfOtherFilesDoesNotStopTheVerdict() throws Exception {
    it.upload(3);
    Profile other = StoreSamples.profile(StoreSamples.digest(1), "cpu", 4);

    it.registry.admission(new AdmissionReport(V1, true, null, null, 5, other));

    assertThat(version().state()).isEqualTo(VersionState.READY);
    assertThatThrownBy(() -> it.registry.profiles().get(version(), null))
        .hasMessage(
            "version 1 of model 'iris' has no profile (it is READY, and nothing was measured)");
  }

  @Test
  void aRejectedVersionHasNoProfile() throws Exception {
    String digest = it.upload(3).version().digest();
    Profile profile = StoreSamples.profile(digest, "cpu", 4);

    it.registry.admission(new AdmissionReport(V1, false, "it crashed", null, 5, profile));

    assertThat(version().state()).isEqualTo(VersionState.REJECTED);
    assertThat(it.store.profiles(List.of(digest))).isEmpty();
  }

  @Test
  void anotherRuntimeIsAskedWhenTheFirstGivesNoVerdict() throws Exception {
    it.upload(3);
    it.put(serves(1));
    it.reports("r1");
    it.reports("r2");
    String first = it.assignment("r1").admit().isEmpty() ? "r2" : "r1";
    String second = first.equals("r1") ? "r2" : "r1";

    passes(Duration.ofSeconds(299));
    assertThat(it.assignment(first).admit()).containsExactly(V1);
    assertThat(it.waitingFor())
        .isEqualTo("version 1 is being validated by runtime " + first + " since 299 s");
    passes(Duration.ofSeconds(2));

    assertThat(it.assignment(first).admit()).isEmpty();
    assertThat(it.assignment(second).admit()).containsExactly(V1);
    assertThat(it.waitingFor())
        .isEqualTo("version 1 is being validated by runtime " + second + " (asked 2 times so far)");
    assertThat(messages())
        .containsOnlyOnce(
            "version 1: runtime " + first + " gave no verdict in time; asking runtime " + second);
    // The first may still answer.
    it.admits(V1);
    assertThat(version().state()).isEqualTo(VersionState.READY);
    passes(Duration.ofSeconds(301));
    assertThat(messages()).filteredOn(said -> said.contains("no verdict")).hasSize(1);
  }

  @Test
  void anOnlyRuntimeIsAskedAgainAndTheStatusSaysSo() throws Exception {
    it.upload(3);
    it.put(serves(1));
    it.reports("r1");

    passes(Duration.ofSeconds(301));
    passes(Duration.ofSeconds(301));
    passes(Duration.ofSeconds(20));

    assertThat(it.assignment("r1").admit()).containsExactly(V1);
    assertThat(it.waitingFor())
        .isEqualTo("version 1 is being validated by runtime r1 since 20 s (asked 3 times so far)");
  }

  /** Runtimes go on reporting meanwhile. */
  private void passes(Duration time) {
    long left = time.toSeconds();
    while (left > 0) {
      long step = Math.min(left, 5);
      it.nanos.addAndGet(Duration.ofSeconds(step).toNanos());
      for (var member : it.registry.members().alive()) {
        it.reports(member.id());
      }
      it.registry.tick();
      left -= step;
    }
  }

  private List<String> messages() {
    return it.store.events("default", List.of("iris"), 0, 100).stream()
        .map(EventDocument::message)
        .toList();
  }

  private VersionDocument version() {
    return it.registry.versions().get(V1);
  }
}
