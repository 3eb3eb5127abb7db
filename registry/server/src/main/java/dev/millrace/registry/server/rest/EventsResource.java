package dev.millrace.registry.server.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.protocol.control.EventDocument;
import dev.millrace.registry.Registry;
import dev.millrace.registry.paging.PageRequest;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What happened to an endpoint, as a page or as a stream. */
@Path("/api/v1/endpoints/{endpoint}/events")
@RunOnVirtualThread
public class EventsResource {
  /** A quiet stream says something this often, so that both ends notice when the other is gone. */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

  private static final Logger LOG = Logger.getLogger(EventsResource.class);

  private final Registry registry;

  /** Reads from {@code registry}. */
  @Inject
  public EventsResource(Registry registry) {
    this.registry = registry;
  }

  /** Events after a sequence, oldest first; the page token is the sequence to go on after. */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public Response page(
      @Context HttpHeaders headers,
      @PathParam("endpoint") String endpoint,
      @QueryParam("after") @Nullable Long after,
      @QueryParam("pageSize") @Nullable Integer pageSize) {
    var page = PageRequest.of(pageSize, null);
    return Answers.json(
            200,
            registry
                .events()
                .of(Caller.of(headers).project(), endpoint, after == null ? 0 : after, page.size()))
        .build();
  }

  /** The same as it happens, until the caller goes away. */
  @GET
  @Produces(MediaType.SERVER_SENT_EVENTS)
  public void stream(
      @Context HttpHeaders headers,
      @Context SseEventSink sink,
      @Context Sse sse,
      @PathParam("endpoint") String endpoint,
      @QueryParam("after") @Nullable Long after)
      throws InterruptedException {
    var project = Caller.of(headers).project();
    long sequence = lastSeen(headers, after);
    try (sink) {
      while (!sink.isClosed() && !registry.snapshots().isClosed()) {
        long position = registry.journal().position();
        var events =
            registry.events().of(project, endpoint, sequence, PageRequest.LARGEST_SIZE).items();
        for (var event : events) {
          send(sink, sse, event);
          sequence = event.sequence();
        }
        if (events.isEmpty()) {
          registry.journal().awaitBeyond(position, KEEP_ALIVE);
          sink.send(sse.newEventBuilder().comment("").build()).toCompletableFuture().join();
        }
      }
    } catch (CompletionException | IllegalStateException gone) {
      LOG.debugf("the caller of the event stream of %s went away", endpoint);
    }
  }

  private static void send(SseEventSink sink, Sse sse, EventDocument event) {
    sink.send(
            sse.newEventBuilder()
                .id(Long.toString(event.sequence()))
                .name(event.type())
                .data(String.class, new String(Answers.bytes(event), UTF_8))
                .build())
        .toCompletableFuture()
        .join();
  }

  /** A browser that reconnects says what it saw last. */
  private static long lastSeen(HttpHeaders headers, @Nullable Long after) {
    var last = Bodies.header(headers, "last-event-id");
    if (last.matches("[0-9]{1,18}")) {
      return Long.parseLong(last);
    }
    return after == null ? 0 : after;
  }
}
