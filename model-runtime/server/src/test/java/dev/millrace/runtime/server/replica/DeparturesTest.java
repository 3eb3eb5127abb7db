package dev.millrace.runtime.server.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.internal.VersionKey;
import org.junit.jupiter.api.Test;

class DeparturesTest {
  private static final VersionKey VERSION = new VersionKey("default", "m", 1);

  private final Departures departures = new Departures();

  @Test
  void aDepartureEndsOnce() {
    var ticket = departures.begin(VERSION);

    assertThat(departures.begin(VERSION)).as("under way already").isNull();
    assertThat(departures.end(VERSION, ticket)).isTrue();
    assertThat(departures.end(VERSION, ticket)).isFalse();
  }

  @Test
  void aVersionThatCameBackDoesNotLeaveWithItsOldTicket() {
    var first = departures.begin(VERSION);
    departures.cancel(VERSION);
    var second = departures.begin(VERSION);

    assertThat(departures.end(VERSION, first)).isFalse();
    assertThat(departures.end(VERSION, second)).isTrue();
  }
}
