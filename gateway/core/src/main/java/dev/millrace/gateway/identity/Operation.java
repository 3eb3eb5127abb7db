package dev.millrace.gateway.identity;

import java.util.EnumSet;
import java.util.Set;

/** What a call does, as far as permission is concerned. */
public enum Operation {
  /** Health: nobody needs a credential for it. */
  PROBE(EnumSet.noneOf(Role.class)),
  /** Runs a model. */
  INFER(EnumSet.of(Role.ADMIN, Role.DEPLOYER, Role.INVOKER)),
  /** Reads what can be called: metadata, readiness, lists. */
  DESCRIBE(EnumSet.allOf(Role.class)),
  /** Reads the control API. */
  CONTROL_READ(EnumSet.allOf(Role.class)),
  /** Changes models, endpoints, traffic. */
  CONTROL_WRITE(EnumSet.of(Role.ADMIN, Role.DEPLOYER)),
  /** Reads or changes keys, grants, projects, the audit log. */
  ADMINISTER(EnumSet.of(Role.ADMIN));

  private final Set<Role> allowed;

  Operation(Set<Role> allowed) {
    this.allowed = allowed;
  }

  /** Roles of which one suffices. */
  Set<Role> allowed() {
    return allowed;
  }
}
