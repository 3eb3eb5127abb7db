package dev.millrace.process.http;

import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.SmallRyeConfigBuilderCustomizer;

/**
 * Turns off Quarkus' own check of request targets, which answers before any handler, with a status
 * and nothing else. {@link MalformedTargetRoute} checks the same with a proper answer.
 *
 * <p>It is a system property that is read once, before any bean exists; configuration comes first
 * in every start, and so this is where it can be set.
 */
public final class OwnUriCheck implements SmallRyeConfigBuilderCustomizer {
  private static final String PROPERTY = "vertx.disableURIValidation";

  @Override
  public void configBuilder(SmallRyeConfigBuilder builder) {
    System.setProperty(PROPERTY, "true");
  }
}
