package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Terminal;
import dev.millrace.client.ClientOptions;
import dev.millrace.client.Millrace;
import dev.millrace.client.Transport;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.ServerMetadata;
import java.time.Duration;
import java.util.LinkedHashMap;
import picocli.CommandLine.Command;

/** {@code millrace version}. */
@Command(
    name = "version",
    description =
        "Shows the version of this command, of the JDK, and of the platform if one answers.")
final class VersionCommand extends ClientCommand {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  VersionCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() {
    var versions = new LinkedHashMap<String, String>();
    versions.put("millrace", Versions.current());
    versions.put("java", Runtime.version().toString());
    versions.put("platform", platform());
    if (options().json()) {
      printJson(versions);
    } else {
      versions.forEach((what, version) -> say(String.format("%-10s%s", what, version)));
    }
    return ExitCode.OK;
  }

  private String platform() {
    var client =
        ClientOptions.DEFAULT
            .withTransport(Transport.HTTP_JSON)
            .withConnectTimeout(PATIENCE)
            .withTimeout(PATIENCE);
    try (Millrace millrace = connect(client)) {
      ServerMetadata server = millrace.server();
      return server.name() + " " + server.version() + " at " + millrace.url();
    } catch (MillraceException noAnswer) {
      return "unknown (" + noAnswer.message() + ")";
    }
  }
}
