package dev.millrace.process.config;

import io.quarkus.arc.All;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.TreeSet;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jboss.logging.Logger;

/** Fails the start when a key under {@code millrace.} is not one that the process knows. */
@Singleton
class KeyCheck {
  private static final Logger LOG = Logger.getLogger(KeyCheck.class);

  private final UnknownKeys unknown;
  private final Config config;

  KeyCheck(@All List<ConfigKeys> parts, Config config) {
    this.unknown = new UnknownKeys(parts);
    this.config = config;
  }

  /** Before any server listens. */
  void check(@Observes @Priority(1) StartupEvent event) {
    var mistakes = new TreeSet<String>();
    for (ConfigSource source : config.getConfigSources()) {
      if (!isEnvironment(source)) {
        source.getPropertyNames().stream().filter(unknown::isUnknown).forEach(mistakes::add);
      }
    }
    if (!mistakes.isEmpty()) {
      throw new IllegalArgumentException(
          String.join("; ", mistakes.stream().map(unknown::describe).toList()));
    }
    for (String variable : System.getenv().keySet()) {
      unknown
          .meantBy(variable)
          .ifPresent(
              meant -> LOG.warnf("environment variable %s: did you mean %s?", variable, meant));
    }
  }

  private static boolean isEnvironment(ConfigSource source) {
    return source.getName().startsWith("EnvConfigSource");
  }
}
