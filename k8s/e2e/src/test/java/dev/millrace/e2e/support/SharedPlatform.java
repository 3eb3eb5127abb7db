package dev.millrace.e2e.support;

import dev.millrace.client.Credentials;
import dev.millrace.client.Millrace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One platform in one process for all test classes that ask for it as a parameter: it starts with
 * the first and ends, checked for leaks, after the last. Not for tests that stop it or need it for
 * themselves.
 */
public final class SharedPlatform implements ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(SharedPlatform.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Running.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(Running.class, start -> Running.start(), Running.class);
  }

  /** The platform, and the models that tests have put there. Not thread-safe. */
  public static final class Running implements AutoCloseable {
    private final Path directory;
    private final Platform platform;
    private final Millrace client;
    private final Set<String> deployed = new HashSet<>();

    private Running(Path directory) throws IOException {
      this.directory = directory;
      this.platform = Platform.standalone(directory);
      this.client = Millrace.connect(platform.url().toString(), Credentials.apiKey(platform.key()));
    }

    private static Running start() {
      try {
        Path parent = Files.createDirectories(Path.of("target", "shared"));
        return new Running(Files.createTempDirectory(parent.toAbsolutePath(), "platform"));
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    public Platform platform() {
      return platform;
    }

    /** A client with the admin's key. */
    public Millrace client() {
      return client;
    }

    /** Serves a model, or a bundle, under that name unless another test has done so. */
    public Running serving(String name, byte[] file) throws IOException {
      if (deployed.add(name)) {
        Rollouts.deploy(client, name, Files.write(directory.resolve(name + ".upload"), file));
      }
      return this;
    }

    @Override
    public void close() {
      client.close();
      platform.close();
    }
  }
}
