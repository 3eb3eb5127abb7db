package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.routing.Replica;
import dev.millrace.gateway.routing.Route;
import dev.millrace.gateway.server.upstream.CancelSignal;
import dev.millrace.gateway.server.upstream.Deadline;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.gateway.server.upstream.UpstreamHeaders;
import dev.millrace.gateway.server.upstream.UpstreamRequest;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.internal.Snapshot.EndpointEntry;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.server.oip.CallContext;
import dev.millrace.runtime.server.oip.Caller;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The runtime in the same process is told what one behind a network reads from headers. */
class InProcessUpstreamTest {
  private static final VersionKey TARGET = new VersionKey("shop", "linear", 3);

  private static UpstreamRequest request(CancelSignal cancelSignal) {
    var client =
        MultiMap.caseInsensitiveMultiMap()
            .add(MillraceHeaders.PRIORITY, "1")
            .add(MillraceHeaders.INTERNAL_PROJECT, "forged");
    var endpoint =
        new EndpointEntry(
            "shop",
            "prices",
            "linear",
            "cpu",
            List.of(new TrafficTarget(3, 100)),
            ServingSpec.DEFAULT,
            Map.of());
    // As the gateway's forwarder makes them.
    var headers =
        new UpstreamHeaders(client)
            .set(MillraceHeaders.INTERNAL_PROJECT, "shop")
            .set(MillraceHeaders.REQUEST_ID, "id-1")
            .set(MillraceHeaders.TRACEPARENT, "trace");
    return new UpstreamRequest(
        UpstreamRequest.Kind.HTTP,
        HttpMethod.POST,
        "/v2/models/prices/infer",
        headers,
        UpstreamBody.EMPTY,
        new Route(TARGET, endpoint, List.of(new Replica("here", "in-process", "in-process"))),
        new Replica("here", "in-process", "in-process"),
        new Deadline(42),
        cancelSignal);
  }

  @Test
  void aCallCarriesProjectPriorityDeadlineAndTrace() {
    CallContext context = InProcessUpstream.context(request(new CancelSignal()));

    assertThat(context.caller()).isEqualTo(new Caller(1, "shop"));
    assertThat(context.target()).isEqualTo(TARGET);
    assertThat(context.endpoint()).isEqualTo("prices");
    assertThat(context.deadlineNanos()).isEqualTo(42);
    assertThat(context.requestId()).isEqualTo("id-1");
    assertThat(context.traceparent()).isEqualTo("trace");
  }

  @Test
  void aClientThatGoesAwayIsToldOn() {
    var signal = new CancelSignal();
    CallContext context = InProcessUpstream.context(request(signal));
    assertThat(context.cancellation().isCancelled()).isFalse();

    signal.cancel();

    assertThat(context.cancellation().isCancelled()).isTrue();
  }
}
