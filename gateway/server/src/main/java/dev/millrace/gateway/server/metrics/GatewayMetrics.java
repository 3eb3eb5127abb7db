package dev.millrace.gateway.server.metrics;

import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.Protocol;
import dev.millrace.protocol.error.MillraceException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Counts and times calls. Names that a client made up never become labels: only endpoints that were
 * routed do, and at most 1,000 of them. Meters are looked up once per label combination and kept,
 * so that a call costs a few map lookups and no tag building.
 */
@Singleton
public class GatewayMetrics {
  private static final int MOST_VALUES = 1_000;

  /** Stands where a call did not come so far. */
  private static final String NONE = "(none)";

  /** 100 µs, doubling, to 52 s: they merge across gateways. */
  private static final Duration[] BUCKETS =
      IntStream.range(0, 20)
          .mapToObj(i -> Duration.ofNanos(100_000L << i))
          .toArray(Duration[]::new);

  private record Labels(String project, String endpoint, String version, Protocol protocol) {}

  private record Outcome(Labels labels, String code) {}

  private record CallMeters(Timer duration, Counter requestBytes, Counter responseBytes) {}

  private final MeterRegistry registry;
  private final LabelBound projects = new LabelBound(MOST_VALUES);
  private final LabelBound endpoints = new LabelBound(MOST_VALUES);
  private final LabelBound versions = new LabelBound(MOST_VALUES);
  private final LabelBound replicas = new LabelBound(MOST_VALUES);
  private final Map<Labels, CallMeters> calls = new ConcurrentHashMap<>();
  private final Map<Outcome, Counter> outcomes = new ConcurrentHashMap<>();
  private final Map<String, Timer> upstreams = new ConcurrentHashMap<>();
  private final Map<String, Counter> rejections = new ConcurrentHashMap<>();
  private final Map<String, Counter> retries = new ConcurrentHashMap<>();
  private final AtomicInteger upstreamInFlight = new AtomicInteger();

  @Inject
  GatewayMetrics(MeterRegistry registry) {
    this.registry = registry;
    registry.gauge("millrace.upstream.inflight", upstreamInFlight);
  }

  /** Records a call that is over. */
  public void record(Exchange exchange) {
    var labels = labels(exchange);
    long nanos = System.nanoTime() - exchange.startNanos();
    var meters = calls.computeIfAbsent(labels, this::callMeters);
    meters.duration().record(nanos, TimeUnit.NANOSECONDS);
    meters.requestBytes().increment(exchange.requestBytes());
    meters.responseBytes().increment(exchange.responseBytes());
    outcomes.computeIfAbsent(new Outcome(labels, CallCode.of(exchange)), this::outcome).increment();
    var reason = rejection(exchange.failure());
    if (reason != null) {
      rejections.computeIfAbsent(reason, this::rejections).increment();
    }
  }

  /** A call goes to a replica. */
  public void upstreamBegins() {
    upstreamInFlight.incrementAndGet();
  }

  /** A call on a replica is over. */
  public void upstreamEnds(String memberId, Duration duration) {
    upstreamInFlight.decrementAndGet();
    upstreams.computeIfAbsent(replicas.of(memberId), this::upstream).record(duration);
  }

  /** A call goes to another replica. */
  public void retried(String reason) {
    retries
        .computeIfAbsent(
            reason,
            why -> Counter.builder("millrace.retries").tag("reason", why).register(registry))
        .increment();
  }

  private Labels labels(Exchange exchange) {
    var identity = exchange.identityIfKnown();
    var route = exchange.route();
    if (route == null || identity == null) {
      return new Labels(NONE, NONE, NONE, exchange.protocol());
    }
    return new Labels(
        projects.of(route.endpoint().project()),
        endpoints.of(route.endpoint().name()),
        versions.of(Integer.toString(route.target().version())),
        exchange.protocol());
  }

  private CallMeters callMeters(Labels labels) {
    return new CallMeters(
        Timer.builder("millrace.request.duration")
            .description("The whole call, as the client sees it")
            .tags(tags(labels))
            .serviceLevelObjectives(BUCKETS)
            .register(registry),
        Counter.builder("millrace.request.bytes").tags(tags(labels)).register(registry),
        Counter.builder("millrace.response.bytes").tags(tags(labels)).register(registry));
  }

  private Counter outcome(Outcome outcome) {
    return Counter.builder("millrace.requests")
        .description("Calls by outcome")
        .tags(tags(outcome.labels()))
        .tag("code", outcome.code())
        .register(registry);
  }

  private Timer upstream(String replica) {
    return Timer.builder("millrace.upstream.duration")
        .description("The part of the call that a replica had")
        .tag("replica", replica)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  private Counter rejections(String reason) {
    return Counter.builder("millrace.rejected")
        .description("Calls that the gateway refused, by reason")
        // The runtime counts into the same metric: in one process the label names must be the same.
        .tags("project", "none", "endpoint", "none", "version", "none")
        .tags("reason", reason, "where", "gateway")
        .register(registry);
  }

  private static String[] tags(Labels labels) {
    return new String[] {
      "project", labels.project(),
      "endpoint", labels.endpoint(),
      "version", labels.version(),
      "protocol", labels.protocol().label()
    };
  }

  private static @Nullable String rejection(@Nullable MillraceException failure) {
    if (failure == null) {
      return null;
    }
    return switch (failure.code()) {
      case RATE_LIMITED -> "rate_limited";
      case QUOTA_EXCEEDED -> "quota";
      case MODEL_NOT_READY -> "not_ready";
      case DEADLINE_EXCEEDED -> "deadline";
      case OVERLOADED -> "draining".equals(failure.details().get("reason")) ? "draining" : "shed";
      default -> null;
    };
  }
}
