package dev.millrace.registry.store;

import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.TrafficTarget;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint as it is stored: what somebody wants, and what is in force.
 *
 * @param spec as it was written; absent fields stay absent
 * @param inForce what serves now; null before the first version was ready
 */
public record EndpointRecord(
    String project,
    String name,
    long revision,
    EndpointSpec spec,
    @Nullable InForce inForce,
    Change.Origin origin) {

  /** The pool of runtimes that serves when the spec names none. */
  public static final String DEFAULT_POOL = "cpu";

  /**
   * What serves now. It may be of another model or pool than the spec wants, until the wanted
   * versions are ready.
   */
  public record InForce(String model, String pool, List<TrafficTarget> traffic) {
    public InForce {
      traffic = List.copyOf(traffic);
    }
  }

  /** The model that the spec wants. */
  public String model() {
    var model = spec.model();
    return model == null ? name : model;
  }

  /** The pool that the spec wants. */
  public String pool() {
    var pool = spec.pool();
    return pool == null ? DEFAULT_POOL : pool;
  }

  /** How the spec wants to be served. */
  public ServingSpec serving() {
    var serving = spec.serving();
    return serving == null ? ServingSpec.DEFAULT : serving;
  }

  /** The weights that the spec wants: all traffic to its version, or its own weights. */
  public List<TrafficTarget> wanted() {
    var version = spec.version();
    if (version != null) {
      return List.of(new TrafficTarget(version, 100));
    }
    var traffic = spec.traffic();
    return traffic == null ? List.of() : traffic;
  }

  /** Whether the spec is in force. */
  public boolean settled() {
    var serves = inForce;
    return serves != null && serves.equals(new InForce(model(), pool(), wanted()));
  }

  /** The same endpoint with something else in force. */
  public EndpointRecord serving(InForce next) {
    return new EndpointRecord(project, name, revision, spec, next, origin);
  }

  /** The model and version of everything that the spec or the traffic in force names. */
  public Set<Reference> references() {
    var references = new LinkedHashSet<Reference>();
    wanted().forEach(target -> references.add(new Reference(model(), target.version())));
    var serves = inForce;
    if (serves != null) {
      serves
          .traffic()
          .forEach(target -> references.add(new Reference(serves.model(), target.version())));
    }
    return references;
  }

  /** When the revision was made. */
  public Instant changedAt() {
    return origin.at();
  }

  /** Who made the revision. */
  public String changedBy() {
    return origin.by();
  }

  /** A version of a model of the endpoint's project. */
  public record Reference(String model, int version) {}
}
