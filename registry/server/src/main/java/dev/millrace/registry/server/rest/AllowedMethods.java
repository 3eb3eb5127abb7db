package dev.millrace.registry.server.rest;

import dev.millrace.registry.server.internal.InternalResource;
import dev.millrace.registry.server.openapi.EndpointOpenApiResource;
import dev.millrace.registry.server.openapi.OpenApiResource;
import dev.millrace.registry.server.openapi.ProtoResource;
import dev.millrace.registry.server.openapi.SnippetsResource;
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
          SnippetsResource.class,
          EndpointOpenApiResource.class,
          OpenApiResource.class,
          ProtoResource.class,
          InternalResource.class);

  private static final List<Route> ROUTES = RESOURCES.stream().flatMap(AllowedMethods::of).toList();

  private AllowedMethods() {}

  /** A verb at a path template, as the resources declare them. */
  record Route(String template, String verb) {
    boolean matches(String path) {
      return Pattern.matches(template.replaceAll("\\{[^}]+}", "[^/]+"), path);
    }
  }

  /** All that there are, the cluster's own included. */
  static List<Route> routes() {
    return ROUTES;
  }

  /** The verbs, comma-separated; empty when no route has the path. */
  static String at(String path) {
    return ROUTES.stream()
        .filter(it -> it.matches(path))
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
        return new Route(prefix + path(method), verb.value());
      }
    }
    return null;
  }

  private static String path(AnnotatedElement element) {
    var path = element.getAnnotation(Path.class);
    return path == null ? "" : path.value();
  }
}
