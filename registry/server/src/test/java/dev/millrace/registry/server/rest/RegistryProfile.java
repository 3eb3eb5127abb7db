package dev.millrace.registry.server.rest;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The one configuration of the registry's application tests. */
public class RegistryProfile implements QuarkusTestProfile {
  static final String TOKEN = "token-of-the-tests";

  /** The data folder of the run. */
  static final Path DATA = newFolder();

  @Override
  public Map<String, String> getConfigOverrides() {
    return Map.of(
        "millrace.data", DATA.toString(),
        "millrace.cluster.token", TOKEN,
        "millrace.registry.url", "http://localhost:8090",
        "millrace.registry.max-upload-size", "64M",
        "quarkus.http.test-port", "0",
        "quarkus.management.test-port", "0");
  }

  private static Path newFolder() {
    try {
      return Files.createTempDirectory("millrace-registry-it");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
