package dev.millrace.runtime.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * The meters of the response caches. Labels are {@code project, endpoint} and, where a version
 * answers, {@code version}; each is bounded. Unlike the runtime's other meters {@code endpoint} is
 * the endpoint that was called, since each has a cache of its own. Safe from many threads.
 */
@ApplicationScoped
public class CacheMetrics {
  private static final int LABEL_VALUES = 1_000;

  private final MeterRegistry registry;
  private final LabelLimit projects = new LabelLimit(LABEL_VALUES);
  private final LabelLimit endpoints = new LabelLimit(LABEL_VALUES);
  private final LabelLimit versions = new LabelLimit(LABEL_VALUES);

  public CacheMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** The meters of one endpoint's cache. */
  public Endpoint endpoint(String project, String name) {
    return new Endpoint(
        Tags.of("project", projects.bound(project), "endpoint", endpoints.bound(name)));
  }

  /** What one endpoint's cache counts. */
  public final class Endpoint {
    private final Tags tags;
    private final Counter evictions;
    private final Counter expirations;
    private final Map<Integer, Version> byVersion = new ConcurrentHashMap<>();
    private final List<Meter> gauges = new CopyOnWriteArrayList<>();

    private Endpoint(Tags tags) {
      this.tags = tags;
      this.evictions = registry.counter("millrace.cache.evictions", tags.and("reason", "size"));
      this.expirations = registry.counter("millrace.cache.evictions", tags.and("reason", "ttl"));
    }

    /** Publishes what the answers hold, until {@link #close}. */
    public void watch(LongSupplier bytes) {
      gauges.add(
          Gauge.builder("millrace.cache.bytes", bytes::getAsLong)
              .description("Memory of the answers that are kept")
              .tags(tags)
              .register(registry));
    }

    /** The meters of one version behind the endpoint. */
    public Version version(int number) {
      return byVersion.computeIfAbsent(
          number,
          missing -> new Version(tags.and("version", versions.bound(Integer.toString(missing)))));
    }

    /** An answer had to make room. */
    public void evictedBySize() {
      evictions.increment();
    }

    /** An answer became too old. */
    public void expired() {
      expirations.increment();
    }

    /** Takes the gauges away; the counters stay, as counters must. */
    public void close() {
      gauges.forEach(registry::remove);
    }
  }

  /** What the calls of one version count; look-up times beside, for the statistics extension. */
  public final class Version {
    private final Counter hits;
    private final Counter misses;
    private final Counter coalesced;
    private final Tags tags;
    private final LongAdder hitNanos = new LongAdder();
    private final LongAdder missNanos = new LongAdder();

    private Version(Tags tags) {
      this.tags = tags;
      this.hits = registry.counter("millrace.cache.hits", tags);
      this.misses = registry.counter("millrace.cache.misses", tags);
      this.coalesced = registry.counter("millrace.cache.coalesced", tags);
    }

    /** An answer was given again. */
    public void hit(long lookupNanos) {
      hits.increment();
      hitNanos.add(lookupNanos);
    }

    /** An answer was computed. */
    public void miss(long lookupNanos) {
      misses.increment();
      missNanos.add(lookupNanos);
    }

    /** An answer was computed for an identical call. */
    public void coalesced() {
      coalesced.increment();
    }

    /** A call could not use the cache. */
    public void bypassed(String reason) {
      registry.counter("millrace.cache.bypassed", tags.and("reason", reason)).increment();
    }

    /** How many answers were given again, and what looking them up took. */
    public Lookups hits() {
      return new Lookups((long) hits.count(), hitNanos.sum());
    }

    /** How many answers were not there, and what looking for them took. */
    public Lookups misses() {
      return new Lookups((long) misses.count(), missNanos.sum());
    }
  }

  /** How often and how long. */
  public record Lookups(long count, long nanos) {}
}
