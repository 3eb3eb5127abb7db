package dev.millrace.standalone;

import io.vertx.core.streams.ReadStream;

/** Holds a stream back while anybody wants that. Confined to the call's event loop. */
final class Valve {
  private final ReadStream<?> stream;
  private int holds;

  /** Open; the stream itself stays as it is. */
  Valve(ReadStream<?> stream) {
    this.stream = stream;
  }

  /** Nothing more comes until as many have let go. */
  void hold() {
    if (holds++ == 0) {
      stream.pause();
    }
  }

  void release() {
    if (--holds == 0) {
      stream.resume();
    }
  }
}
