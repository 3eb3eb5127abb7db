package dev.millrace.gateway.identity;

import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who calls.
 *
 * @param project the tenant whose names the caller sees
 * @param keyId the public part of the credential, for the audit record
 * @param roles what the caller may do
 */
public record Identity(String project, String keyId, Set<Role> roles) {
  /** The caller when authentication is off: admin of the default project. */
  public static final Identity ANONYMOUS_ADMIN =
      new Identity("default", "anonymous", Set.of(Role.ADMIN));

  public Identity {
    roles = Set.copyOf(roles);
  }

  /** Whether the caller has one of {@code wanted}. */
  public boolean hasAny(Set<Role> wanted) {
    for (var role : wanted) {
      if (roles.contains(role)) {
        return true;
      }
    }
    return false;
  }

  /** The roles, comma-separated, as internal headers carry them. */
  public String rolesOnWire() {
    return roles.stream().map(Role::wireName).sorted().collect(Collectors.joining(","));
  }
}
