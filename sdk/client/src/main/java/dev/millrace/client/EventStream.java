package dev.millrace.client;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.control.Page;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Events of an endpoint as they happen (server-sent events). For one thread; holds one connection
 * and no thread. Ends when closed, or when the server or the network ends it: then the caller may
 * open another after the last sequence it saw, and misses nothing.
 */
public final class EventStream implements AutoCloseable {
  /** How long a stream must be silent before "so far" is complete. */
  private static final Duration QUIET = Duration.ofMillis(300);

  private final LineQueue lines;
  private final List<EventDocument> page;
  private final boolean morePages;
  private final StringBuilder data = new StringBuilder();

  private EventStream(LineQueue lines, Page<EventDocument> page) {
    this.lines = lines;
    this.page = new ArrayList<>(page.items());
    this.morePages = page.nextPageToken() != null && !page.items().isEmpty();
  }

  /** Opens whatever the server answers: a stream, or one page of JSON. */
  static EventStream open(HttpConnection http, HttpRequest request, Duration timeout) {
    var lines = new LineQueue();
    HttpResponse<byte[]> answer =
        http.exchange(
            request,
            info -> {
              boolean stream =
                  info.statusCode() < 300
                      && info.headers()
                          .firstValue("content-type")
                          .orElse("")
                          .startsWith("text/event-stream");
              // The exchange must end with the headers of a stream, not with its last line.
              return stream
                  ? lines.asBodyThatIsReadLater()
                  : HttpResponse.BodySubscribers.ofByteArray();
            },
            timeout);
    if (answer.statusCode() >= 300) {
      throw HttpFailures.read(answer.statusCode(), answer.headers(), answer.body());
    }
    if (lines.subscribed()) {
      return new EventStream(lines, new Page<>(List.of(), null));
    }
    Page<EventDocument> events =
        ControlClient.read(
            answer.body(),
            ControlJson.lenient().constructType(new TypeReference<Page<EventDocument>>() {}));
    lines.onComplete();
    return new EventStream(lines, events);
  }

  /**
   * Waits for the next event.
   *
   * @param patience longest wait; zero only looks
   * @return empty when none came in time, or the stream has ended
   * @throws MillraceException OVERLOADED when the connection broke
   */
  public Optional<EventDocument> next(Duration patience) {
    if (!page.isEmpty()) {
      return Optional.of(page.remove(0));
    }
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      String line = lines.poll(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      if (line == null) {
        return Optional.empty();
      }
      Optional<EventDocument> event = accept(line);
      if (event.isPresent()) {
        return event;
      }
    }
  }

  /** Whether the server or the network has ended the stream and everything has been read. */
  public boolean ended() {
    return page.isEmpty() && lines.ended();
  }

  /** Whether the answer was one page of several; never for a stream. */
  boolean morePages() {
    return morePages;
  }

  List<EventDocument> soFar() {
    var events = new ArrayList<EventDocument>();
    for (var event = next(QUIET); event.isPresent(); event = next(QUIET)) {
      events.add(event.get());
    }
    return List.copyOf(events);
  }

  /** One line of the event-stream format; an empty line ends an event. */
  private Optional<EventDocument> accept(String line) {
    if (line.startsWith("data:")) {
      if (data.length() > 0) {
        data.append('\n');
      }
      data.append(line, line.startsWith("data: ") ? 6 : 5, line.length());
      return Optional.empty();
    }
    if (!line.isEmpty() || data.length() == 0) {
      return Optional.empty(); // a comment that keeps the connection alive, an id, an event name
    }
    String json = data.toString();
    data.setLength(0);
    return Optional.of(parse(json));
  }

  private static EventDocument parse(String json) {
    @Nullable EventDocument event;
    try {
      event = ControlJson.lenient().readValue(json, EventDocument.class);
    } catch (IOException malformed) {
      event = null;
    }
    if (event == null) {
      throw MillraceException.of(
          ErrorCode.INTERNAL,
          "the event stream carries something else than events (%d bytes)",
          json.getBytes(StandardCharsets.UTF_8).length);
    }
    return event;
  }

  @Override
  public void close() {
    lines.cancel();
  }
}
