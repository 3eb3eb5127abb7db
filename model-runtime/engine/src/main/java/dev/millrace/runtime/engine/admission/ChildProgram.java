package dev.millrace.runtime.engine.admission;

import ai.onnxruntime.OrtEnvironment;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.protocol.control.Profile;
import java.io.File;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a child process runs, found where this process got its classes from, so that it works out of
 * any packaging.
 *
 * @param main the class with the {@code main} method; it ends with {@link ProbeMain#run}
 * @param needed one class of each further jar that it needs, besides those of {@link ProbeMain}
 */
public record ChildProgram(Class<?> main, List<Class<?>> needed) {
  private static final List<Class<?>> OF_PROBE =
      List.of(ProbeMain.class, Profile.class, OrtEnvironment.class, JsonInclude.class);

  /** Judges models and nothing else. */
  static final ChildProgram PROBE = new ChildProgram(ProbeMain.class, List.of());

  public ChildProgram {
    needed = List.copyOf(needed);
  }

  /** Jars and folders, each once. */
  List<Path> classPath() {
    return Stream.of(Stream.of(main), OF_PROBE.stream(), needed.stream())
        .flatMap(classes -> classes)
        .map(ChildProgram::source)
        .collect(Collectors.toCollection(LinkedHashSet::new))
        .stream()
        .toList();
  }

  /** The class path as the JVM takes it. */
  String joinedClassPath() {
    return classPath().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** The jar or folder that a class came from. */
  static Path source(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      throw new IllegalStateException("nobody knows where " + type.getName() + " came from");
    }
    String location = source.getLocation().toString();
    if (location.startsWith("jar:")) {
      location = location.substring("jar:".length());
    }
    int inside = location.indexOf("!/");
    try {
      return Path.of(new URI(inside < 0 ? location : location.substring(0, inside)));
    } catch (URISyntaxException | IllegalArgumentException odd) {
      throw new IllegalStateException(
          "the classes of " + type.getName() + " lie at " + location + " (expected: a file)", odd);
    }
  }
}
