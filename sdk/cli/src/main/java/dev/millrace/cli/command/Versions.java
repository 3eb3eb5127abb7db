package dev.millrace.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of this command, written into it by the build. */
public final class Versions implements IVersionProvider {
  /** The version, for example {@code 0.1.0-SNAPSHOT}. */
  public static String current() {
    var properties = new Properties();
    try (InputStream in =
        Versions.class.getResourceAsStream("/dev/millrace/cli/version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException unreadable) {
      return "unknown";
    }
    return properties.getProperty("version", "unknown");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"millrace " + current()};
  }
}
