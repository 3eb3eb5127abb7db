package dev.millrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.control.ControlJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the command line finds a platform on this machine and its key: the file that a running {@code
 * serve} keeps at {@code ${XDG_CONFIG_HOME:-$HOME/.config}/millrace/servers/<port>.json}, mode
 * 0600.
 *
 * <pre>{@code
 * {"url": "http://127.0.0.1:8080", "managementUrl": "http://127.0.0.1:9000",
 *  "keyFile": "/home/me/data/admin.key", "pid": 4711}
 * }</pre>
 *
 * <p>The key itself is never in it: {@code keyFile} names a file, mode 0600, whose content is the
 * key. Unknown fields are skipped. A file whose process is gone is ignored.
 *
 * @param url where HTTP and gRPC are served
 * @param managementUrl where metrics are served; null when not told
 * @param keyFile the file that holds the key; null for a server without authentication
 * @param pid the process that serves; 0 when not told
 */
public record ServerFile(
    String url, @Nullable String managementUrl, @Nullable Path keyFile, long pid) {

  /** Where the file of the server on {@code port} is. */
  public static Path path(Terminal terminal, int port) {
    return folder(terminal).resolve(port + ".json");
  }

  private static Path folder(Terminal terminal) {
    Path config =
        terminal
            .variable("XDG_CONFIG_HOME")
            .map(Path::of)
            .orElseGet(
                () ->
                    Path.of(
                            terminal
                                .variable("HOME")
                                .orElseGet(() -> System.getProperty("user.home")))
                        .resolve(".config"));
    return config.resolve("millrace").resolve("servers");
  }

  /** Reads a file; empty when there is none or it is not one. */
  public static Optional<ServerFile> read(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      JsonNode root = ControlJson.lenient().readTree(file.toFile());
      String url = root.path("url").asText("");
      String key = root.path("keyFile").asText("");
      String management = root.path("managementUrl").asText("");
      return url.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new ServerFile(
                  url,
                  management.isEmpty() ? null : management,
                  key.isEmpty() ? null : Path.of(key),
                  root.path("pid").asLong(0)));
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  /** The servers that run on this machine, by port. */
  public static List<ServerFile> running(Terminal terminal) {
    Path folder = folder(terminal);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    var found = new ArrayList<ServerFile>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted(Comparator.comparing(Path::toString))
          .forEach(file -> read(file).filter(ServerFile::alive).ifPresent(found::add));
    } catch (IOException unreadable) {
      return List.of();
    }
    return List.copyOf(found);
  }

  /** Whether the process that wrote the file still runs; true when it did not say which. */
  public boolean alive() {
    return pid == 0 || ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** The key; empty when there is none or it cannot be read by this user. */
  public Optional<String> key() {
    if (keyFile == null) {
      return Optional.empty();
    }
    try {
      String key = Files.readString(keyFile).strip();
      return key.isEmpty() ? Optional.empty() : Optional.of(key);
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }
}
