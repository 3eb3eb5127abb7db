package dev.millrace.runtime.engine.admission;

import dev.millrace.runtime.engine.admission.ChildProcess.Until;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Judges a version in a child process of this one, bounded in time, memory and files. A model that
 * crashes, hangs or eats memory is REJECTED with that reason; this process does not notice.
 *
 * <p>Thread-safe; as many children at a time as the options say, further callers wait their turn.
 * An interrupted caller's child is killed.
 */
public final class ChildProbe implements AdmissionProbe {
  private static final String PREFIX = "probe-";

  /** By signal 9, which nobody but the kernel sends to a child that we did not end. */
  private static final int KILLED = 137;

  private final ProbeOptions probe;
  private final ChildOptions child;
  private final ChildProgram program;
  private final ChildArchive archive;
  private final Semaphore turns;

  /** A probe that starts children with these bounds. */
  public ChildProbe(ProbeOptions probe, ChildOptions child) {
    this(probe, child, ChildProgram.PROBE);
  }

  /** With a child that checks more than the model. */
  public ChildProbe(ProbeOptions probe, ChildOptions child, ChildProgram program) {
    this.probe = probe.within(new ProbeOptions.Bounds(child.timeout(), child.memoryBytes()));
    this.child = child;
    this.program = program;
    this.archive = new ChildArchive(program, child);
    this.turns = new Semaphore(child.children(), true);
  }

  @Override
  public Verdict probe(Subject subject) throws IOException, InterruptedException {
    turns.acquire();
    try {
      Files.createDirectories(child.folder());
      sweep();
      // A GPU needs more libraries than those two; its child unpacks all that the jar has.
      Path natives =
          child.kernelBounds()
              ? NativeLibraries.in(child.folder().toAbsolutePath()).orElse(null)
              : NativeLibraries.told().orElse(null);
      Attempt attempt = attempt(subject, natives);
      if (attempt.mayBeOurFault()) {
        attempt = attempt(subject, natives).asSecond();
      }
      archive.makeLater(natives);
      return attempt.verdict();
    } finally {
      turns.release();
    }
  }

  /** A process that was killed leaves its child's folder behind; no living child is that old. */
  private void sweep() throws IOException {
    Instant oldest = Instant.now().minus(child.timeout().multipliedBy(2));
    try (Stream<Path> all = Files.list(child.folder())) {
      for (Path folder : all.toList()) {
        if (folder.getFileName().toString().startsWith(PREFIX)
            && Files.getLastModifiedTime(folder).toInstant().isBefore(oldest)) {
          new ChildFiles(folder).remove();
        }
      }
    }
  }

  /**
   * What came of one child.
   *
   * @param mayBeOurFault whether a machine that had no time or memory for the child is as likely a
   *     cause as the model, so that the version deserves a second child
   */
  private record Attempt(Verdict verdict, boolean mayBeOurFault) {
    /** Says, where nothing was gained by it, that it was the second one. */
    Attempt asSecond() {
      return mayBeOurFault && verdict instanceof Verdict.Rejected rejected
          ? new Attempt(
              new Verdict.Rejected(
                  rejected.reason()
                      + "; it was tried twice, and this machine was busy: './millrace validate'"
                      + " has it tried once more"),
              true)
          : this;
    }
  }

  private Attempt attempt(Subject subject, @Nullable Path natives)
      throws IOException, InterruptedException {
    var files = new ChildFiles(Files.createTempDirectory(child.folder(), PREFIX).toAbsolutePath());
    try {
      files.ask(new ChildFiles.Question(subject, probe));
      return judge(files, natives);
    } finally {
      files.remove();
    }
  }

  private Attempt judge(ChildFiles files, @Nullable Path natives)
      throws IOException, InterruptedException {
    ProcessBuilder command = ChildCommand.of(program, files, child, natives, archive.arguments());
    try (var process = new ChildProcess(command.start(), Until.ANSWER)) {
      ChildProcess.End end = process.await(child.timeout(), child.memoryBytes());
      Optional<Verdict> verdict = files.verdict();
      if (verdict.isPresent()) {
        return new Attempt(verdict.get(), false);
      }
      if (!process.started() || end.status() == ProbeMain.CANNOT_TRY) {
        throw new IOException(
            "the admission process could not do its work (status %d): %s"
                .formatted(end.status(), process.said()));
      }
      return new Attempt(new Verdict.Rejected(reason(end, process, files)), starved(end));
    }
  }

  /** A model that hangs in a loop has the processor for itself; one that has to wait has not. */
  private boolean starved(ChildProcess.End end) {
    return switch (end.cause()) {
      case TIMEOUT -> end.processor().compareTo(child.timeout().dividedBy(2)) < 0;
      case MEMORY -> false;
      case ENDED -> end.status() == KILLED;
    };
  }

  private String reason(ChildProcess.End end, ChildProcess process, ChildFiles files) {
    String stage = " while " + process.stage();
    return switch (end.cause()) {
      case TIMEOUT ->
          "it was not done within %s%s; models must load and run a few times in that time"
              .formatted(words(child.timeout()), stage);
      case MEMORY -> "it took more than %s of memory%s".formatted(size(child.memoryBytes()), stage);
      case ENDED -> "it crashed the process that tried it%s (%s)".formatted(stage, how(end, files));
    };
  }

  /** The JVM's own words where it had time for some. */
  private static String how(ChildProcess.End end, ChildFiles files) {
    String kind =
        switch (end.status()) {
          case 134 -> "aborted";
          case 135 -> "SIGBUS";
          case 136 -> "SIGFPE";
          case KILLED -> "killed by the system, most likely for its memory";
          case 139 -> "SIGSEGV";
          default -> "exit status " + end.status();
        };
    return CrashLog.read(files.crashFile()).map(words -> kind + ": " + words).orElse(kind);
  }

  private static String words(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }

  private static String size(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
  }
}
