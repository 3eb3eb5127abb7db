package dev.millrace.gateway.identity;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What a credential may be used for. */
public enum Role {
  /** Everything, keys and grants included. */
  ADMIN,
  /** Upload, deploy, infer. */
  DEPLOYER,
  /** Infer. */
  INVOKER,
  /** Read. */
  VIEWER;

  /** The roles of these names; names that a newer registry may know are skipped. */
  public static Set<Role> parse(Collection<String> names) {
    var roles = EnumSet.noneOf(Role.class);
    for (var name : names) {
      for (var role : values()) {
        if (role.wireName().equals(name)) {
          roles.add(role);
        }
      }
    }
    return Collections.unmodifiableSet(roles);
  }

  /** The role as snapshots and headers write it. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
