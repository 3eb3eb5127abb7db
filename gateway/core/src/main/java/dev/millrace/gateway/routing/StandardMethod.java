package dev.millrace.gateway.routing;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The calls of gRPC's own services that exist: health checking and server reflection. */
public enum StandardMethod {
  HEALTH_CHECK("grpc.health.v1.Health/Check"),
  HEALTH_WATCH("grpc.health.v1.Health/Watch"),
  REFLECTION_V1("grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
  REFLECTION_V1ALPHA("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");

  private static final Map<String, StandardMethod> BY_PATH =
      Arrays.stream(values()).collect(Collectors.toMap(method -> method.path, Function.identity()));

  private final String path;

  StandardMethod(String fullName) {
    this.path = "/" + fullName;
  }

  /** Whether it tells health, which needs no credential. */
  public boolean isHealth() {
    return switch (this) {
      case HEALTH_CHECK, HEALTH_WATCH -> true;
      case REFLECTION_V1, REFLECTION_V1ALPHA -> false;
    };
  }

  /** The method at {@code /service/method}; null when it is none of these. */
  static @Nullable StandardMethod at(String path) {
    return BY_PATH.get(path);
  }
}
