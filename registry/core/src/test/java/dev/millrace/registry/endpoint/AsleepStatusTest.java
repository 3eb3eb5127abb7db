package dev.millrace.registry.endpoint;

import static dev.millrace.registry.RegistryFixture.V1;
import static dev.millrace.registry.RegistryFixture.serves;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.registry.RegistryFixture;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AsleepStatusTest {
  @TempDir Path folder;

  @Test
  void aVersionThatIsAsleepIsReadyAndTheStatusSaysSo() throws Exception {
    var it = new RegistryFixture(folder);
    it.upload(3);
    it.put(serves(1));
    it.reports("r1");
    it.admits(V1);
    it.reports("r1", V1);

    it.registry.report(asleep("r1"));

    var status = it.registry.endpoints().get("default", "iris").status();
    assertThat(status.ready()).isTrue();
    assertThat(status.replicas()).isEqualTo(1);
    assertThat(status.asleep()).isEqualTo(1);
    assertThat(status.waitingFor()).isNull();
    it.reports("r2", V1);
    var both = it.registry.endpoints().get("default", "iris").status();
    assertThat(both.replicas()).isEqualTo(2);
    assertThat(both.asleep()).isEqualTo(1);
  }

  private static MemberReport asleep(String id) {
    return new MemberReport(
        id,
        id + ":8080",
        id + ":8081",
        "cpu",
        "cpu",
        false,
        List.of(new ReplicaReport(V1, ReplicaState.READY, null, true)));
  }
}
