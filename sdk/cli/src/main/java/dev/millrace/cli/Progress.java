package dev.millrace.cli;

import java.util.Locale;

/**
 * Shows how far something is: one line that is drawn over on a terminal, one line for each change
 * of phase elsewhere. Thread-safe.
 */
public final class Progress {
  private static final int BAR = 24;
  private static final long REDRAW_NANOS = 100_000_000L;
  private static final String[] SPINNER = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};

  private final Terminal terminal;
  private String phase = "";
  private long drawnAt;
  private int turn;

  /** Draws on the terminal's error stream. */
  public Progress(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Something of unknown length goes on; call it often. */
  public synchronized void phase(String text) {
    if (terminal.interactive()) {
      if (!text.equals(phase) || due()) {
        draw(SPINNER[turn++ % SPINNER.length] + " " + text);
      }
    } else if (!text.equals(phase)) {
      terminal.err().println(text);
    }
    phase = text;
  }

  /** Some bytes of a known total are done; call it often. */
  public synchronized void bytes(String text, long done, long total) {
    if (terminal.interactive()) {
      if (done >= total || !text.equals(phase) || due()) {
        int filled = total == 0 ? BAR : (int) (BAR * done / total);
        draw(
            String.format(
                Locale.ROOT,
                "%s [%s%s] %3d %%  %s",
                text,
                "█".repeat(filled),
                "·".repeat(BAR - filled),
                total == 0 ? 100 : 100 * done / total,
                size(total)));
      }
    } else if (!text.equals(phase)) {
      terminal.err().println(text + " (" + size(total) + ")");
    }
    phase = text;
  }

  /** Removes the drawn line; what comes next starts on an empty one. */
  public synchronized void clear() {
    if (terminal.interactive() && !phase.isEmpty()) {
      terminal.err().print("\r\u001b[K");
      terminal.err().flush();
    }
    phase = "";
  }

  /** A size for people, in binary units. */
  public static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    String[] units = {"KiB", "MiB", "GiB", "TiB"};
    int unit = -1;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
  }

  private boolean due() {
    return System.nanoTime() - drawnAt >= REDRAW_NANOS;
  }

  private void draw(String line) {
    drawnAt = System.nanoTime();
    terminal.err().print("\r\u001b[K" + line);
    terminal.err().flush();
  }
}
