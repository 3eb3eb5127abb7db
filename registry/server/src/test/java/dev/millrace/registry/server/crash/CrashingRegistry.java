package dev.millrace.registry.server.crash;

import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.registry.Registry;
import dev.millrace.registry.RegistryOptions;
import dev.millrace.registry.artifact.DirectoryBlobStore;
import dev.millrace.registry.endpoint.Endpoints;
import dev.millrace.registry.model.ModelKey;
import dev.millrace.registry.server.jdbc.H2Database;
import dev.millrace.registry.server.jdbc.JdbcModelStore;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * A registry on the real store and blobs in a process that is made to be killed. It says on
 * standard output what was acknowledged; then it uploads something that never ends.
 */
public final class CrashingRegistry {
  static final ModelKey ACKNOWLEDGED = new ModelKey("default", "acknowledged");
  static final ModelKey HALF = new ModelKey("default", "half");

  private CrashingRegistry() {}

  /** Opens the registry in a folder, as the server does. */
  static Registry open(Path folder) throws IOException {
    var url =
        "jdbc:h2:file:"
            + folder.resolve("metadata")
            + ";DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=10000;WRITE_DELAY=0";
    return new Registry(
        new Registry.Ground(
            new JdbcModelStore(H2Database.open(url)),
            new DirectoryBlobStore(folder.resolve("blobs")),
            InstantSource.system(),
            System::nanoTime,
            failure -> {
              throw failure;
            }),
        RegistryOptions.DEFAULT);
  }

  public static void main(String[] arguments) throws IOException {
    var registry = open(Path.of(arguments[0]));
    registry.start(key -> {});
    var writes = Integer.parseInt(arguments[1]);
    for (int i = 1; i <= writes; i++) {
      var model = TinyModels.linear(4, i);
      var version =
          registry.uploads().upload(ACKNOWLEDGED, new ByteArrayInputStream(model), null).version();
      registry
          .endpoints()
          .put(
              "default",
              "acknowledged",
              new EndpointSpec(null, version.version(), null, null, null),
              new Endpoints.Write(null, "crash"));
      say("acknowledged " + i);
    }
    registry.uploads().upload(HALF, neverEnding(), null);
  }

  private static InputStream neverEnding() {
    var start = new ByteArrayInputStream(TinyModels.linear(64, 64));
    var silence =
        new InputStream() {
          private boolean said;

          @Override
          public int read() throws IOException {
            if (!said) {
              said = true;
              say("half");
            }
            // Nobody writes to this process: waits until it is killed.
            return System.in.read();
          }
        };
    return new SequenceInputStream(start, silence);
  }

  @SuppressWarnings("SystemOut")
  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
