package dev.millrace.cli.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.cli.Progress;
import dev.millrace.cli.Terminal;
import dev.millrace.cli.demo.DemoRun;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo's child process, with a stand-in that keeps the platform's contract. */
class PlatformProcessIT {
  private static final String WELL_BEHAVED =
      """
      import java.nio.file.*;
      import java.util.*;
      class Main {
        public static void main(String[] args) throws Exception {
          var list = List.of(args);
          Path ready = Path.of(list.get(list.indexOf("--ready-file") + 1));
          Path fresh = ready.resolveSibling("fresh");
          Files.writeString(fresh, "{\\"url\\":\\"http://127.0.0.1:1\\",\\"managementUrl\\":"
              + "\\"http://127.0.0.1:2\\",\\"keyFile\\":\\"/k\\",\\"pid\\":"
              + ProcessHandle.current().pid() + "}");
          Files.move(fresh, ready, StandardCopyOption.ATOMIC_MOVE);
          Thread.currentThread().join();
        }
      }
      """;
  private static final String BROKEN =
      """
      class Main {
        public static void main(String[] args) {
          System.err.println("the database is locked");
          System.exit(3);
        }
      }
      """;

  @TempDir Path folder;
  private Path home;

  @BeforeEach
  void prepare() throws Exception {
    home = folder.resolve("home");
    Files.createDirectories(home.resolve("standalone/target/quarkus-app"));
  }

  /** Packs a program as the platform's jar. */
  private PlatformProcess start(String program) throws Exception {
    Path source = Files.writeString(folder.resolve("Main.java"), program);
    Path classes = folder.resolve("classes");
    int compiled =
        javax.tools.ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", classes.toString(), source.toString());
    assertThat(compiled).isZero();
    var manifest = new java.util.jar.Manifest();
    manifest.getMainAttributes().put(java.util.jar.Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(java.util.jar.Attributes.Name.MAIN_CLASS, "Main");
    Path jar = home.resolve("standalone/target/quarkus-app/quarkus-run.jar");
    try (var out = new java.util.jar.JarOutputStream(Files.newOutputStream(jar), manifest)) {
      out.putNextEntry(new java.util.zip.ZipEntry("Main.class"));
      out.write(Files.readAllBytes(classes.resolve("Main.class")));
    }
    return PlatformProcess.start(
        new PlatformProcess.Start(home, List.of("-Xmx64m"), 0, folder.resolve("data")));
  }

  private static Progress progress() {
    return new Progress(
        new Terminal(
            new PrintWriter(new StringWriter()),
            new PrintWriter(new StringWriter()),
            Map.of(),
            false));
  }

  @Test
  void waitsForTheReadyFileAndStopsTheChild() throws Exception {
    try (PlatformProcess platform = start(WELL_BEHAVED)) {
      var server = platform.awaitReady(Duration.ofSeconds(60), progress());

      assertThat(server.url()).isEqualTo("http://127.0.0.1:1");
      assertThat(server.managementUrl()).isEqualTo("http://127.0.0.1:2");
      assertThat(server.alive()).isTrue();

      assertThat(platform.stop()).isEqualTo(143);
      assertThat(server.alive()).isFalse();
    }
  }

  @Test
  void aPlatformThatEndsShowsTheEndOfItsLog() throws Exception {
    try (PlatformProcess platform = start(BROKEN)) {
      assertThatThrownBy(() -> platform.awaitReady(Duration.ofSeconds(60), progress()))
          .hasMessageContaining("ended with status 3")
          .hasMessageContaining(platform.log().toString())
          .hasMessageContaining("the database is locked");
    }
  }

  @Test
  void aPortThatIsTakenIsOneSentence() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var terminal =
          new Terminal(
              new PrintWriter(new StringWriter()),
              new PrintWriter(new StringWriter()),
              Map.of("HOME", folder.toString()),
              false);

      assertThatThrownBy(() -> new DemoRun(terminal, taken.getLocalPort()).once(null))
          .hasMessage(
              "port %d is taken; choose another with --port, or --port 0 for any free one",
              taken.getLocalPort());
    }
  }
}
