package dev.millrace.benchmarks.malformed;

import java.util.Locale;

/**
 * What became of one model.
 *
 * @param name of the model, such as {@code mutation 17}
 * @param end how its way ended
 * @param reason what the platform said; empty for an admitted one
 */
record Verdict(String name, End end, String reason) {
  /** The ways' ends, from the first to the last at which a model can be stopped. */
  enum End {
    /** The registry does not take the file. */
    REFUSED("refused at upload"),
    /** The child process tried it and says what is wrong. */
    REJECTED("rejected by admission"),
    /** The child process died of it. */
    CRASHED("crashed the admission process"),
    /** The child process was stopped because it took too long. */
    TIMED_OUT("took too long in the admission process"),
    /** The child process was stopped because it took too much memory. */
    TOO_LARGE("took too much memory in the admission process"),
    /** It is a model, if another one. */
    ADMITTED("admitted"),
    /** The platform failed. Never right. */
    NONE("NO VERDICT");

    private final String words;

    End(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /** Tells by its words how a rejection came about. */
  static Verdict rejected(String name, String reason) {
    String said = reason.toLowerCase(Locale.ROOT);
    if (said.startsWith("it crashed the process")) {
      return new Verdict(name, End.CRASHED, reason);
    }
    if (said.startsWith("it was not done within")) {
      return new Verdict(name, End.TIMED_OUT, reason);
    }
    if (said.startsWith("it took more than")) {
      return new Verdict(name, End.TOO_LARGE, reason);
    }
    return new Verdict(name, End.REJECTED, reason);
  }

  /** The reason without what differs from model to model, to count alike ones together. */
  String kind() {
    String kind =
        reason
            .replaceAll("'[^']*'|\"[^\"]*\"", "'…'")
            .replaceAll("[0-9]+", "N")
            .replaceAll("[^\\p{ASCII}…]+", "?");
    int end = kind.indexOf(". ");
    String first = end > 0 ? kind.substring(0, end) : kind;
    return first.length() > 90 ? first.substring(0, 90) + "…" : first;
  }
}
