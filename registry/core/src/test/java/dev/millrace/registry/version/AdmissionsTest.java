package dev.millrace.registry.version;

import static dev.millrace.registry.RegistryFixture.V1;
import static dev.millrace.registry.RegistryFixture.serves;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.registry.RegistryFixture;
import dev.millrace.registry.store.StoreSamples;
import java.nio.file.Path;
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

  private VersionDocument version() {
    return it.registry.versions().get(V1);
  }
}
