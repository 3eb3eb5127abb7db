package dev.millrace.cli.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Terminal;
import dev.millrace.client.EventStream;
import dev.millrace.client.Millrace;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.error.MillraceException;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace events NAME}. */
@Command(
    name = "events",
    description = "Shows what happened to an endpoint and to the versions of its model.",
    footer = {"", "With --json, one event a line."})
final class EventsCommand extends ClientCommand {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration RECONNECT = Duration.ofSeconds(1);

  @Parameters(index = "0", paramLabel = "NAME", description = "The endpoint.")
  private String name = "";

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until Ctrl-C; reconnects by itself and misses nothing.")
  private boolean follow;

  @Option(
      names = "--after",
      paramLabel = "SEQUENCE",
      description = "Only events after this sequence number.")
  private long after;

  EventsCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() throws InterruptedException {
    try (Millrace millrace = connect()) {
      if (!follow) {
        millrace.control().events(name, after).forEach(this::print);
        return ExitCode.OK;
      }
      boolean everConnected = false;
      while (true) {
        try (EventStream stream = millrace.control().followEvents(name, after)) {
          everConnected = true;
          follow(stream);
        } catch (MillraceException broken) {
          if (!everConnected || !broken.code().retryable()) {
            throw broken;
          }
        }
        Thread.sleep(RECONNECT.toMillis());
      }
    }
  }

  private void follow(EventStream stream) {
    while (!stream.ended()) {
      Optional<EventDocument> event = stream.next(PATIENCE);
      if (event.isPresent()) {
        after = event.get().sequence();
        print(event.get());
      }
    }
  }

  private void print(EventDocument event) {
    if (!options().json()) {
      say(
          terminal().faint(event.at().toString())
              + "  "
              + event.subject()
              + "  "
              + event.type()
              + "  "
              + event.message());
      return;
    }
    try {
      say(ControlJson.lenient().writeValueAsString(event));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
