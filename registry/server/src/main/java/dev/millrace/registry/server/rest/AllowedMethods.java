package dev.millrace.registry.server.rest;

import dev.millrace.registry.server.internal.InternalResource;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which verbs a path takes, for the {@code Allow} header, which the framework leaves out. */
final class AllowedMethods {
  private static final List<Class<?>> RESOURCES =
      List.of(
          ModelsResource.class,
          EndpointsResource.class,
          EventsResource.class,
          InternalResource.class);

  private static final List<Route> ROUTES = RESOURCES.stream().flatMap(AllowedMethods::of).toList();

  private AllowedMethods() {}

  private record Route(Pattern path, String verb) {}

  /** The verbs, comma-separated; empty when no route has the path. */
  static String at(String path) {
    return ROUTES.stream()
        .filter(it -> it.path().matcher(path).matches())
        .map(Route::verb)
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private static Stream<Route> of(Class<?> resource) {
    return Arrays.stream(resource.getDeclaredMethods())
        .map(method -> route(path(resource), method))
        .filter(Objects::nonNull);
  }

  private static @Nullable Route route(String prefix, Method method) {
    for (var annotation : method.getAnnotations()) {
      var verb = annotation.annotationType().getAnnotation(HttpMethod.class);
      if (verb != null) {
        var template = prefix + path(method);
        return new Route(Pattern.compile(template.replaceAll("\\{[^}]+}", "[^/]+")), verb.value());
      }
    }
    return null;
  }

  private static String path(AnnotatedElement element) {
    var path = element.getAnnotation(Path.class);
    return path == null ? "" : path.value();
  }
}
