package dev.millrace.gateway.identity;

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

  private static final Decision ALLOWED = new Decision.Allowed();

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
