package dev.millrace.cli.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.cli.Terminal;
import dev.millrace.client.ClientOptions;
import dev.millrace.client.ControlClient;
import dev.millrace.client.Millrace;
import dev.millrace.protocol.control.ControlJson;
import java.util.concurrent.Callable;

/** A command that talks to a platform. */
abstract class ClientCommand implements Callable<Integer> {
  private final MillraceCommand root;
  private final Terminal terminal;

  ClientCommand(MillraceCommand root, Terminal terminal) {
    this.root = root;
    this.terminal = terminal;
  }

  Terminal terminal() {
    return terminal;
  }

  GlobalOptions options() {
    return root.options();
  }

  Millrace connect() {
    return connect(ClientOptions.DEFAULT);
  }

  Millrace connect(ClientOptions clientOptions) {
    return options().connect(terminal, clientOptions);
  }

  /** Prints a line of the result. */
  void say(String line) {
    terminal.out().println(line);
  }

  /** Prints a document as indented JSON. */
  void printJson(Object document) {
    try {
      say(ControlJson.lenient().writerWithDefaultPrettyPrinter().writeValueAsString(document));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** A question to the control API, with its own connection. */
  interface Question<T> {
    T ask(ControlClient control);
  }

  /** Asks and hangs up. */
  <T> T ask(Question<T> question) {
    try (Millrace millrace = connect()) {
      return question.ask(millrace.control());
    }
  }
}
