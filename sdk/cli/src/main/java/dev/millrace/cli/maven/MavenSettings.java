package dev.millrace.cli.maven;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.DefaultSettingsBuilderFactory;
import org.apache.maven.settings.building.DefaultSettingsBuildingRequest;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.apache.maven.settings.crypto.DefaultSettingsDecrypter;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;
import org.jspecify.annotations.Nullable;
import org.sonatype.plexus.components.cipher.DefaultPlexusCipher;
import org.sonatype.plexus.components.sec.dispatcher.DefaultSecDispatcher;

/**
 * The user's Maven settings, read as Maven reads them: {@code ~/.m2/settings.xml} over the
 * installation's {@code conf/settings.xml}, with passwords decrypted where {@code
 * settings-security.xml} allows.
 *
 * @param settings merged and interpolated
 * @param localRepository where artifacts are kept
 */
record MavenSettings(Settings settings, Path localRepository) {
  private static final Pattern REPOSITORY =
      Pattern.compile("(?:^|\\s)-Dmaven\\.repo\\.local=(\\S+)");

  /**
   * Reads the settings.
   *
   * @param home the user's home folder
   * @throws SettingsBuildingException when a settings file is malformed
   */
  static MavenSettings read(Path home, Map<String, String> environment)
      throws SettingsBuildingException {
    var request =
        new DefaultSettingsBuildingRequest()
            .setUserSettingsFile(home.resolve(".m2").resolve("settings.xml").toFile())
            .setGlobalSettingsFile(globalSettings(environment))
            .setSystemProperties(properties(environment));
    Settings settings =
        new DefaultSettingsBuilderFactory().newInstance().build(request).getEffectiveSettings();
    return new MavenSettings(
        decrypted(settings, home), localRepository(settings, home, environment));
  }

  private static Path localRepository(
      Settings settings, Path home, Map<String, String> environment) {
    Optional<String> named = namedRepository(environment);
    if (named.isPresent()) {
      return Path.of(named.get());
    }
    String configured = settings.getLocalRepository();
    return configured == null || configured.isBlank()
        ? home.resolve(".m2").resolve("repository")
        : Path.of(configured);
  }

  /**
   * {@code maven.repo.local} where Maven itself would look for it: {@code -D…} of its variables.
   */
  private static Optional<String> namedRepository(Map<String, String> environment) {
    String property = System.getProperty("maven.repo.local");
    if (property != null && !property.isBlank()) {
      return Optional.of(property);
    }
    for (String variable : new String[] {"MAVEN_ARGS", "MAVEN_OPTS"}) {
      var option = REPOSITORY.matcher(environment.getOrDefault(variable, ""));
      if (option.find()) {
        return Optional.of(option.group(1));
      }
    }
    return Optional.empty();
  }

  /** {@code conf/settings.xml} of the Maven that the user would run. */
  private static @Nullable File globalSettings(Map<String, String> environment) {
    for (String variable : new String[] {"MAVEN_HOME", "M2_HOME"}) {
      String mavenHome = environment.get(variable);
      if (mavenHome != null && !mavenHome.isBlank()) {
        return Path.of(mavenHome, "conf", "settings.xml").toFile();
      }
    }
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
      Path mvn = Path.of(folder, "mvn");
      if (!folder.isBlank() && Files.isExecutable(mvn)) {
        try {
          return mvn.toRealPath().resolveSibling("../conf/settings.xml").normalize().toFile();
        } catch (IOException unreadable) {
          return null;
        }
      }
    }
    return null;
  }

  /** What {@code ${env.X}} and {@code ${user.home}} in the files mean. */
  private static Properties properties(Map<String, String> environment) {
    var properties = new Properties();
    properties.putAll(System.getProperties());
    environment.forEach((name, value) -> properties.setProperty("env." + name, value));
    return properties;
  }

  private static Settings decrypted(Settings settings, Path home) {
    var dispatcher = new DefaultSecDispatcher(new DefaultPlexusCipher());
    dispatcher.setConfigurationFile(
        home.resolve(".m2").resolve("settings-security.xml").toString());
    SettingsDecryptionResult result =
        new DefaultSettingsDecrypter(dispatcher)
            .decrypt(new DefaultSettingsDecryptionRequest(settings));
    settings.setServers(result.getServers());
    settings.setProxies(result.getProxies());
    return settings;
  }
}
