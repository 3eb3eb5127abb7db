package dev.millrace.gateway.identity;

import dev.millrace.gateway.routing.RequestTarget;
import java.util.Set;
import java.util.stream.Collectors;

/** Decides by role whether a caller may do an operation. Pure. */
public final class AccessPolicy {
  private AccessPolicy() {}

  /** The answer. */
  public sealed interface Decision {
    /** Go on. */
    record Allowed() implements Decision {}

    /**
     * Stop.
     *
     * @param reason a sentence that names the roles of which one would suffice
     */
    record Denied(String reason) implements Decision {}
  }

  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

  /** Collections of the control API that only an administrator sees. */
  private static final Set<String> ADMINISTRATIVE =
      Set.of("keys", "grants", "projects", "audit", "webhooks");

  private static final Decision ALLOWED = new Decision.Allowed();

  /**
   * What a call does.
   *
   * @param method the HTTP verb, in capitals
   */
  public static Operation operation(RequestTarget target, String method) {
    return switch (target) {
      case RequestTarget.Live live -> Operation.PROBE;
      case RequestTarget.Ready ready -> Operation.PROBE;
      case RequestTarget.OpenAiCall call -> Operation.INFER;
      case RequestTarget.ModelCall call ->
          call.action() == RequestTarget.Action.INFER ? Operation.INFER : Operation.DESCRIBE;
      case RequestTarget.GrpcCall call ->
          switch (call.method()) {
            case SERVER_LIVE, SERVER_READY -> Operation.PROBE;
            case MODEL_INFER, MODEL_STREAM_INFER -> Operation.INFER;
            case REPOSITORY_MODEL_LOAD, REPOSITORY_MODEL_UNLOAD -> Operation.CONTROL_WRITE;
            default -> Operation.DESCRIBE;
          };
      case RequestTarget.RepositoryModel model -> Operation.CONTROL_WRITE;
      case RequestTarget.StandardCall call ->
          call.method().isHealth() ? Operation.PROBE : Operation.DESCRIBE;
      case RequestTarget.Control control -> {
        if (ADMINISTRATIVE.contains(control.collection())) {
          yield Operation.ADMINISTER;
        }
        yield READING.contains(method) ? Operation.CONTROL_READ : Operation.CONTROL_WRITE;
      }
      default -> Operation.DESCRIBE;
    };
  }

  /** Whether {@code identity} may do {@code operation}. */
  public static Decision decide(Operation operation, Identity identity) {
    if (operation == Operation.PROBE || identity.hasAny(operation.allowed())) {
      return ALLOWED;
    }
    return new Decision.Denied(
        "key '%s' may not do this (expected one of the roles: %s)"
            .formatted(
                identity.keyId(),
                operation.allowed().stream()
                    .map(Role::wireName)
                    .collect(Collectors.joining(", "))));
  }
}
