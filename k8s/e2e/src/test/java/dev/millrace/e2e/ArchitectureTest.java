package dev.millrace.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may know whom (docs/adr/0001). No exemptions: a rule that hurts is a decision to record. */
@AnalyzeClasses(packages = "dev.millrace", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] PLAIN = {
    "dev.millrace.protocol..",
    "dev.millrace.testkit..",
    "dev.millrace.client..",
    "dev.millrace.runtime.batching..",
    "dev.millrace.runtime.engine..",
  };

  @ArchTest
  static final ArchRule plainRoomsKnowNoFramework =
      noClasses()
          .that()
          .resideInAnyPackage(PLAIN)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.quarkus..", "jakarta..", "io.vertx..", "io.smallrye..");

  @ArchTest
  static final ArchRule gatewayCoreKnowsNoFramework =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.gateway..")
          .and()
          .resideOutsideOfPackage("dev.millrace.gateway.server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.quarkus..", "jakarta..", "io.vertx..", "io.smallrye..");

  @ArchTest
  static final ArchRule registryCoreKnowsNoFramework =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.registry..")
          .and()
          .resideOutsideOfPackage("dev.millrace.registry.server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.quarkus..",
              "jakarta..",
              "io.vertx..",
              "io.smallrye..",
              "org.jdbi..",
              "java.sql..");

  @ArchTest
  static final ArchRule onnxRuntimeLivesInTheEngine =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.millrace.runtime.engine..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.onnxruntime..");

  @ArchTest
  static final ArchRule batchingKnowsNoTensors =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.runtime.batching..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.millrace.runtime.engine..", "dev.millrace.protocol..");

  @ArchTest
  static final ArchRule engineKnowsNoBatching =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.runtime.engine..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.millrace.runtime.batching..", "dev.millrace.runtime.server..");

  @ArchTest
  static final ArchRule databaseAccessLivesInOnePackage =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.millrace.registry.server.jdbc..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.jdbi..", "java.sql..", "javax.sql..", "org.flywaydb..");

  @ArchTest
  static final ArchRule runtimeServerStandsAlone =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.runtime..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.millrace.gateway..", "dev.millrace.registry..");

  @ArchTest
  static final ArchRule gatewayStandsAlone =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.gateway..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.millrace.runtime..", "dev.millrace.registry..");

  @ArchTest
  static final ArchRule registryStandsAlone =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.registry..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.millrace.runtime..", "dev.millrace.gateway..");

  @ArchTest
  static final ArchRule onlyConfigPackagesMapConfiguration =
      classes()
          .that()
          .areAnnotatedWith("io.smallrye.config.ConfigMapping")
          .should()
          .resideInAPackage("..config..");

  @ArchTest
  static final ArchRule processKnowsNoServer =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.process..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.millrace.registry..", "dev.millrace.runtime..", "dev.millrace.gateway..");

  @ArchTest
  static final ArchRule spansAreMadeInTelemetryPackages =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.millrace.process.trace..", "..server.telemetry..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.opentelemetry..");

  @ArchTest
  static final ArchRule protocolKnowsOnlyTheWire =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.protocol..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.millrace.client..",
              "dev.millrace.testkit..",
              "dev.millrace.registry..",
              "dev.millrace.runtime..",
              "dev.millrace.gateway..");
}
