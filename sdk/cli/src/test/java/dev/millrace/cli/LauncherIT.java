package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script, copied next to stand-ins for a JDK, Maven and the built modules. */
class LauncherIT {
  /** Prints its arguments, one a line. */
  private static final String ECHO = "#!/bin/sh\nfor a in \"$@\"; do echo \"$a\"; done\n";

  @TempDir Path folder;
  private Path root;
  private Path jdk;

  /** What a run printed. */
  private record Run(int status, String out, String err) {}

  @BeforeEach
  void prepare() throws IOException {
    Path script = Path.of(System.getProperty("basedir", ".")).resolve("../../millrace").normalize();
    assumeThat(Path.of("/bin/sh")).exists();
    root = Files.createDirectories(folder.resolve("a folder/millrace"));
    Files.copy(script, root.resolve("millrace"));
    executable(root.resolve("millrace"));
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    Files.createDirectories(root.resolve("sdk/cli/src/main"));
    jdk = jdk("my jdk", "25.0.1");
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = Files.createDirectories(folder.resolve("jdks").resolve(name));
    Files.createDirectories(home.resolve("bin"));
    write(home.resolve("bin/java"), ECHO);
    write(home.resolve("bin/javac"), ECHO);
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  /** A Maven that makes what the build makes. */
  private Path maven(String also) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("maven bin"));
    write(
        bin.resolve("mvn"),
        "#!/bin/sh\necho \"[INFO] Building Millrace :: SDK :: CLI 0.1.0                 [5/9]\"\n"
            + "mkdir -p sdk/cli/target/lib standalone/target/quarkus-app\n"
            + "echo \"$@\" >> mvn-calls\n: > standalone/target/quarkus-app/quarkus-run.jar\n"
            + also
            + "\n");
    return bin;
  }

  private static void write(Path file, String content) throws IOException {
    Files.writeString(file, content);
    executable(file);
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Run run(Map<String, String> environment, Path script, String... arguments)
      throws Exception {
    var command = new java.util.ArrayList<>(List.of("/bin/sh", script.toString()));
    command.addAll(List.of(arguments));
    var out = folder.resolve("out");
    var err = folder.resolve("err");
    var builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("MILLRACE_JDK_FOLDERS", folder.resolve("none").toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Run(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  /** A PATH with the basic tools and nothing of Java. */
  private String barePath() throws IOException {
    Path bin = folder.resolve("bare");
    if (!Files.exists(bin)) {
      Files.createDirectories(bin);
      for (String tool :
          List.of(
              "sh",
              "sed",
              "head",
              "tail",
              "dirname",
              "basename",
              "readlink",
              "find",
              "mkdir",
              "rm",
              "mv",
              "cat",
              "sleep",
              "grep",
              "cut",
              "ls")) {
        for (String from : List.of("/usr/bin/", "/bin/")) {
          if (Files.exists(Path.of(from + tool)) && !Files.exists(bin.resolve(tool))) {
            Files.createSymbolicLink(bin.resolve(tool), Path.of(from + tool));
          }
        }
      }
    }
    return bin.toString();
  }

  @Test
  void withoutAJdkItSaysInOneSentenceWhatToInstall() throws Exception {
    Run run = run(Map.of("PATH", barePath()), root.resolve("millrace"), "java-home");

    assertThat(run.status()).isEqualTo(69);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("millrace: no JDK 25 or newer was found; install one")
        .hasLineCount(1);
  }

  @Test
  void anOldJdkAndAJreAreNotGoodEnough() throws Exception {
    jdk("old", "21.0.4");
    Files.delete(jdk.resolve("bin/javac"));
    var folders = Map.of("PATH", barePath(), "MILLRACE_JDK_FOLDERS", jdk.getParent().toString());

    assertThat(run(folders, root.resolve("millrace"), "java-home").status()).isEqualTo(69);
    assertThat(
            run(
                    Map.of("PATH", barePath(), "MILLRACE_JAVA_HOME", jdk.toString()),
                    root.resolve("millrace"),
                    "java-home")
                .err())
        .startsWith("millrace: MILLRACE_JAVA_HOME is " + jdk + ", which is not a JDK 25");
  }

  @Test
  void findsAJdkInTheUsualFoldersOnThePathAndByVariable() throws Exception {
    Path newer = jdk("jdk-26", "26-ea");
    Path script = root.resolve("millrace");
    var usual = Map.of("PATH", barePath(), "MILLRACE_JDK_FOLDERS", jdk.getParent().toString());
    Path link = folder.resolve("links/java");
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, jdk.resolve("bin/java"));

    assertThat(run(usual, script, "java-home").out().strip())
        .isIn(jdk.toString(), newer.toString());
    assertThat(run(Map.of("PATH", link.getParent() + ":" + barePath()), script, "java-home").out())
        .isEqualTo(jdk + "\n");
    assertThat(
            run(Map.of("PATH", barePath(), "JAVA_HOME", newer.toString()), script, "java-home")
                .out())
        .isEqualTo(newer + "\n");
  }

  @Test
  void withoutMavenItSaysInOneSentenceWhatToInstall() throws Exception {
    Run run =
        run(
            Map.of("PATH", barePath(), "JAVA_HOME", jdk.toString()),
            root.resolve("millrace"),
            "models");

    assertThat(run.status()).isEqualTo(69);
    assertThat(run.err()).startsWith("millrace: Maven is needed to build").hasLineCount(1);
  }

  @Test
  void buildsOnFirstUseShowsTheModulesAndRunsTheCommandThroughALink() throws Exception {
    Path link = folder.resolve("bin dir/mr");
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Path.of("../a folder/millrace/millrace"));
    var environment = Map.of("PATH", maven("") + ":" + barePath(), "JAVA_HOME", jdk.toString());

    Run first = run(environment, link, "infer", "m", "--input", "x=[[1, 2]]");

    assertThat(first.status()).isZero();
    assertThat(first.err()).contains("first use").contains("[5/9] Millrace :: SDK :: CLI");
    assertThat(first.out().lines())
        .contains("-Dmillrace.home=" + root, "dev.millrace.cli.Main")
        .endsWith("infer", "m", "--input", "x=[[1, 2]]");

    Run second = run(environment, link, "models");

    assertThat(second.err()).isEmpty();
    assertThat(root.resolve("mvn-calls")).content().hasLineCount(1);
    assertThat(root.resolve("target/.millrace-build.lock")).doesNotExist();
  }

  @Test
  void buildsAgainWhenASourceIsNewerOrGone() throws Exception {
    var environment = Map.of("PATH", maven("") + ":" + barePath(), "JAVA_HOME", jdk.toString());
    Path script = root.resolve("millrace");
    Path source = Files.writeString(root.resolve("sdk/cli/src/main/A.java"), "class A {}");
    run(environment, script, "models");
    Path stamp = root.resolve("target/.millrace-build");
    // The file system may count in whole seconds: move the stamp instead of waiting.
    var past =
        java.nio.file.attribute.FileTime.from(java.time.Instant.parse("2020-01-01T00:00:00Z"));
    var longAgo =
        java.nio.file.attribute.FileTime.from(java.time.Instant.parse("2019-01-01T00:00:00Z"));
    for (Path each :
        List.of(root.resolve("pom.xml"), source, source.getParent(), root.resolve("sdk/cli"))) {
      Files.setLastModifiedTime(each, longAgo);
    }
    Files.setLastModifiedTime(stamp, past);

    assertThat(run(environment, script, "models").err()).isEmpty();
    Files.delete(source);

    assertThat(run(environment, script, "models").err()).contains("sources changed");
  }

  @Test
  void aFailedBuildShowsItsErrorsAndLeavesNoStamp() throws Exception {
    var environment =
        Map.of(
            "PATH",
            maven("echo '[ERROR] does not compile'\nexit 1") + ":" + barePath(),
            "JAVA_HOME",
            jdk.toString());

    Run run = run(environment, root.resolve("millrace"), "models");

    assertThat(run.status()).isEqualTo(70);
    assertThat(run.err())
        .contains("[ERROR] does not compile")
        .contains("the build failed; the whole log is in " + root.resolve("target/build.log"));
    assertThat(root.resolve("target/.millrace-build")).doesNotExist();
    assertThat(root.resolve("target/.millrace-build.lock")).doesNotExist();
  }

  @Test
  void theLockOfAKilledBuildIsTakenOver() throws Exception {
    Path lock = Files.createDirectories(root.resolve("target/.millrace-build.lock"));
    Files.writeString(lock.resolve("pid"), "99999999");
    var environment = Map.of("PATH", maven("") + ":" + barePath(), "JAVA_HOME", jdk.toString());

    assertThat(run(environment, root.resolve("millrace"), "models").status()).isZero();
  }

  @Test
  void serveStartsThePlatformItselfWithItsArguments() throws Exception {
    var environment =
        Map.of(
            "PATH",
            maven("") + ":" + barePath(),
            "JAVA_HOME",
            jdk.toString(),
            "MILLRACE_JAVA_OPTS",
            "-Xmx2g -Da=b");

    Run run = run(environment, root.resolve("millrace"), "serve", "--data", "my data");

    assertThat(run.out().lines())
        .contains("-Xmx2g", "-Da=b", "--enable-native-access=ALL-UNNAMED", "-jar")
        .endsWith(
            root.resolve("standalone/target/quarkus-app/quarkus-run.jar").toString(),
            "serve",
            "--data",
            "my data");
  }

  @Test
  void testRunsTheWholeSuiteWithoutBuildingInsideIt() throws Exception {
    var environment =
        Map.of(
            "PATH",
            maven("echo \"no-build=$MILLRACE_NO_BUILD java=$JAVA_HOME\"") + ":" + barePath(),
            "JAVA_HOME",
            jdk.toString());

    Run run = run(environment, root.resolve("millrace"), "test", "-pl", "gateway/core");

    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("no-build=1 java=" + jdk);
    assertThat(root.resolve("mvn-calls"))
        .hasContent("-B verify --no-transfer-progress -pl gateway/core");
  }
}
