package dev.millrace.standalone;

import dev.millrace.process.config.ConfigKeys;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;

/** The configuration keys that the process reads besides those of its three parts. */
@Singleton
class StandaloneKeys {
  static ConfigKeys all() {
    return new ConfigKeys(Set.of("millrace.standalone"), Map.of())
        .and("millrace.standalone.ready-file", "");
  }

  @Produces
  @Singleton
  ConfigKeys keys() {
    return all();
  }
}
