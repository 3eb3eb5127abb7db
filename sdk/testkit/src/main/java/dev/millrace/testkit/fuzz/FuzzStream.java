package dev.millrace.testkit.fuzz;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stream of gRPC. Its frames are as they should be, whatever is in them: it must be answered
 * message by message, and the connection must stay.
 *
 * @param encoding of the messages that are compressed; empty when the call names none
 * @param errorsEndIt whether it asks to be ended by its first error
 * @param messages in their order
 * @param cancelledAfter how many answers the client takes before it goes away; {@link #READ_ALL}
 *     when it says that no more messages come and reads to the end
 */
record FuzzStream(String encoding, boolean errorsEndIt, List<Message> messages, int cancelledAfter)
    implements FuzzRequest {
  /** The client does not go away. */
  static final int READ_ALL = -1;

  /**
   * One message.
   *
   * @param id its own, where it has one
   * @param compressed whether its frame says so
   * @param sent as it is on the wire, without its frame
   * @param right what the model makes of it; null when it is spoilt or depends on others
   */
  record Message(String id, boolean compressed, byte[] sent, float @Nullable [] right) {
    @Override
    public String toString() {
      return (right == null ? "" : "good ") + (compressed ? "compressed " : "") + Shown.bytes(sent);
    }
  }

  @Override
  public String kind() {
    return "STREAM";
  }

  /** Whether the client goes away before the end. */
  boolean cancelled() {
    return cancelledAfter != READ_ALL;
  }

  /** Whether the first message leads to the model as it should: then the stream is open. */
  boolean opensWell() {
    return !messages.isEmpty() && messages.get(0).right() != null;
  }

  @Override
  public String toString() {
    var text = new StringBuilder("STREAM");
    text.append(encoding.isEmpty() ? "" : " of " + encoding);
    text.append(errorsEndIt ? " ended by errors" : "");
    text.append(cancelled() ? " cancelled after " + cancelledAfter + " answers" : "");
    for (Message message : messages) {
      text.append("\n  ").append(message);
    }
    return text.toString();
  }
}
