package dev.millrace.runtime.engine.admission;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A running child: how far it is, what it said, and its end. Closing it kills it with everything it
 * started. For one thread.
 *
 * <p>A JVM that ends in order first waits up to 0.3 s for threads in native code, and one of the
 * child's always is: it watches for the end of its parent. A child whose answer counts is therefore
 * killed when it has answered.
 */
final class ChildProcess implements AutoCloseable {
  /** A model that allocates without bound gets some hundred megabytes further in this time. */
  private static final long LOOK_MILLIS = 25;

  private static final int MOST_SAID = 8 << 10;
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  /** Why a child is no more. */
  enum Cause {
    ENDED,
    TIMEOUT,
    MEMORY
  }

  /**
   * The end of a child.
   *
   * @param status 128 plus the number of a signal, or what it chose
   * @param processor time that the processors gave it until a bound was passed; zero when it ended
   *     by itself or the system does not tell
   */
  record End(Cause cause, int status, Duration processor) {}

  /** What a child is waited for. */
  enum Until {
    /** Its answer; what it does afterwards is of no interest. */
    ANSWER,
    /** Its own end, with all that the JVM does before. */
    END
  }

  private final Process process;
  private final Until until;
  private final Thread out;
  private final Thread err;
  private final StringBuilder said = new StringBuilder();
  private volatile String stage = "starting";
  private volatile boolean started;

  ChildProcess(Process process, Until until) {
    this.process = process;
    this.until = until;
    sacrifice();
    out = Thread.ofPlatform().name("millrace-child-out").daemon().start(this::readStages);
    err = Thread.ofPlatform().name("millrace-child-err").daemon().start(this::readErrors);
  }

  /** Waits for its end, and brings it about when a bound is passed. */
  End await(Duration timeout, long memoryBytes) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    Cause cause = Cause.ENDED;
    Duration processor = Duration.ZERO;
    while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      if (System.nanoTime() - end > 0) {
        cause = Cause.TIMEOUT;
      } else if (Residence.bytes(process.pid()) > memoryBytes) {
        cause = Cause.MEMORY;
      }
      if (cause != Cause.ENDED) {
        processor = process.info().totalCpuDuration().orElse(Duration.ZERO);
        kill();
        process.waitFor();
        break;
      }
    }
    out.join(LAST_WORDS);
    err.join(LAST_WORDS);
    return new End(cause, process.exitValue(), processor);
  }

  /** Whether our code ran in it at all. */
  boolean started() {
    return started;
  }

  /** What it did last, in words that complete "while …". */
  String stage() {
    return stage;
  }

  /** The beginning of what it wrote on standard error, on one line. */
  String said() {
    synchronized (said) {
      return said.toString().strip().replaceAll("\\s+", " ");
    }
  }

  @Override
  public void close() {
    kill();
  }

  private void kill() {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
  }

  /** When memory runs out on the whole machine, the kernel is to take the child, not a server. */
  private void sacrifice() {
    try {
      Path score = Path.of("/proc", Long.toString(process.pid()), "oom_score_adj");
      if (Files.isWritable(score)) {
        Files.writeString(score, "1000");
      }
    } catch (IOException gone) {
      // It ended already, or the system has no such file.
    }
  }

  private void readStages() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      lines
          .lines()
          .filter(line -> line.startsWith(ProbeMain.MARK))
          .map(line -> line.substring(ProbeMain.MARK.length()))
          .forEach(this::heard);
    } catch (IOException | UncheckedIOException closed) {
      // The process is gone.
    }
  }

  private void heard(String word) {
    started = true;
    switch (word) {
      case ProbeMain.STARTED -> {}
      case ProbeMain.ANSWERED -> {
        if (until == Until.ANSWER) {
          kill();
        }
      }
      default -> stage = word;
    }
  }

  /** Reads on when there is enough: a child must not block because nobody listens. */
  private void readErrors() {
    try (var in = new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8)) {
      var chunk = new char[1024];
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        synchronized (said) {
          said.append(chunk, 0, Math.min(read, MOST_SAID - said.length()));
        }
      }
    } catch (IOException closed) {
      // The process is gone.
    }
  }
}
