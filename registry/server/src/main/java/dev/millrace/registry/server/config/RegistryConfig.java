package dev.millrace.registry.server.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code millrace.registry.*} as written; {@link RegistrySettings} is what the code uses. */
@ConfigMapping(prefix = "millrace.registry")
public interface RegistryConfig {
  /** Largest upload, all files of a bundle together. */
  @WithDefault("8G")
  MemorySize maxUploadSize();

  /** How long one report keeps a member alive. */
  @WithDefault("10s")
  Duration memberTtl();

  /** How long members may take to report after a restart, before older snapshots are replaced. */
  @WithDefault("5s")
  Duration settle();

  /** How many members hold each version. */
  @WithDefault("1")
  int replicas();

  /**
   * How long a runtime may take over the verdict on a version before another one is asked; longer
   * than {@code millrace.runtime.admission.timeout}.
   */
  @WithDefault("5m")
  Duration verdictPatience();

  /** Whether a first key is printed on standard output, besides being written to its file. */
  @WithDefault("true")
  boolean printKey();
}
