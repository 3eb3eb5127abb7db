package dev.millrace.e2e;

import dev.millrace.e2e.support.ConformanceTarget;
import dev.millrace.e2e.support.Platform;
import dev.millrace.testkit.oip.OipCompressionContract;
import dev.millrace.testkit.oip.OipConformance;
import dev.millrace.testkit.oip.OipExtensionContract;
import dev.millrace.testkit.oip.OipRepositoryContract;
import dev.millrace.testkit.oip.OipRequestTargetContract;
import dev.millrace.testkit.oip.OipSequenceContract;
import dev.millrace.testkit.oip.OipStatisticsContract;
import dev.millrace.testkit.oip.OipTarget;
import dev.millrace.testkit.oip.OipWireContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The protocol's suite against the platform as registry, runtime and gateway apart. */
class ThreeProcessConformanceE2E extends OipConformance
    implements OipSequenceContract,
        OipCompressionContract,
        OipWireContract,
        OipRequestTargetContract,
        ErrorRowsContract,
        BusyRowsContract,
        OipExtensionContract,
        OipRepositoryContract,
        OipStatisticsContract,
        BadCallsContract,
        BadUploadsContract,
        DocumentsContract {
  @TempDir static Path directory;
  private static ConformanceTarget running;

  @BeforeAll
  static void start() throws Exception {
    running = ConformanceTarget.threeProcesses(directory);
  }

  @AfterAll
  static void stop() {
    if (running != null) {
      running.close();
    }
  }

  @Override
  public Platform platform() {
    return running.platform();
  }

  @Override
  public OipTarget sequenceTarget() {
    return running.sequenceTarget();
  }

  @Override
  public OipTarget repositoryTarget() {
    return running.repositoryTarget();
  }

  @Override
  public String unservedModel() {
    return ConformanceTarget.UNSERVED;
  }

  @Override
  public OipTarget target() {
    return running.target();
  }
}
