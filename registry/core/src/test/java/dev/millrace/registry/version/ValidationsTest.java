package dev.millrace.registry.version;

import static dev.millrace.registry.RegistryFixture.V1;
import static dev.millrace.registry.RegistryFixture.serves;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.registry.RegistryFixture;
import dev.millrace.registry.store.StoreSamples;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidationsTest {
  @TempDir Path folder;
  private RegistryFixture it;
  private String digest;

  @BeforeEach
  void start() throws Exception {
    it = new RegistryFixture(folder);
    digest = it.upload(3).version().digest();
    it.put(serves(1));
    it.reports("r1");
  }

  @AfterEach
  void nothingFailedBehindTheScenes() {
    assertThat(it.failures).isEmpty();
  }

  private void ready() {
    var cpu = StoreSamples.profile(digest, "cpu", 4);
    it.registry.admission(new AdmissionReport(V1, true, null, null, 5, cpu, 1));
    it.reports("r1", V1);
    assertThat(it.traffic()).isNotEmpty();
  }

  private VersionDocument ask() {
    return it.registry.validations().ask(version(), "ada");
  }

  @Test
  void aReadyVersionServesOnAndItsProfileIsReplaced() {
    ready();

    var asked = ask();

    assertThat(asked.state()).isEqualTo(VersionState.READY);
    assertThat(asked.validatingAgain()).isTrue();
    assertThat(it.assignment("r1").admit()).containsExactly(V1);
    assertThat(it.assignment("r1").load()).containsExactly(V1);
    assertThat(it.snapshot().versions().get(0).validation()).isEqualTo(2);
    assertThat(ask().validations()).as("asked for already").isEqualTo(2);

    var better = StoreSamples.profile(digest, "cpu", 8);
    it.registry.admission(new AdmissionReport(V1, true, null, null, 5, better, 2));

    assertThat(version().validatingAgain()).isFalse();
    assertThat(it.registry.profiles().get(version(), "cpu")).isEqualTo(better);
    assertThat(it.assignment("r1").admit()).isEmpty();
    assertThat(it.traffic()).isNotEmpty();
    assertThat(messages())
        .contains("version 1, which is READY, is to be judged again, asked by ada")
        .anyMatch(said -> said.startsWith("version 1 passed again"));
  }

  @Test
  void aReadyVersionThatFailsStaysReadyAndSaysWhy() {
    ready();
    ask();

    it.registry.admission(new AdmissionReport(V1, false, "it hangs", null, 0, null, 2));

    assertThat(version().state()).isEqualTo(VersionState.READY);
    assertThat(version().validatingAgain()).isFalse();
    assertThat(it.traffic()).isNotEmpty();
    assertThat(it.assignment("r1").load()).containsExactly(V1);
    assertThat(version().reason()).isEqualTo("it hangs");
    assertThat(it.registry.profiles().get(version(), null))
        .isEqualTo(StoreSamples.profile(digest, "cpu", 4));
    assertThat(messages())
        .contains("version 1 failed when it was judged again, and stays ready: it hangs");
  }

  @Test
  void aRejectedVersionMayPassTheSecondTime() {
    it.registry.admission(new AdmissionReport(V1, false, "too slow", null, 0, null, 1));
    assertThat(version().state()).isEqualTo(VersionState.REJECTED);

    assertThat(ask().state()).isEqualTo(VersionState.VALIDATING);
    // What the runtime still repeats from the first time is no answer to the second question.
    it.registry.admission(new AdmissionReport(V1, false, "too slow", null, 0, null, 1));
    assertThat(version().state()).isEqualTo(VersionState.VALIDATING);
    it.registry.admission(new AdmissionReport(V1, true, null, null, 5, null, 2));

    assertThat(version().state()).isEqualTo(VersionState.READY);
    assertThat(version().reason()).isNull();
  }

  @Test
  void aVersionThatIsBeingJudgedIsNotJudgedTwice() {
    var refused = catchThrowableOfType(MillraceException.class, this::ask);

    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refused)
        .hasMessageContaining("VALIDATING")
        .hasMessageContaining("READY or REJECTED");
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
