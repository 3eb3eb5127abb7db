package dev.millrace.runtime.engine.admission;

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

  private final ProbeOptions probe;
  private final ChildOptions child;
  private final Class<?> main;
  private final Semaphore turns;

  /** A probe that starts children with these bounds. */
  public ChildProbe(ProbeOptions probe, ChildOptions child) {
    this(probe, child, ProbeMain.class);
  }

  /** With another child, for tests. */
  ChildProbe(ProbeOptions probe, ChildOptions child, Class<?> main) {
    this.probe = probe;
    this.child = child;
    this.main = main;
    this.turns = new Semaphore(child.children(), true);
  }

  @Override
  public Verdict probe(Subject subject) throws IOException, InterruptedException {
    turns.acquire();
    try {
      Files.createDirectories(child.folder());
      sweep();
      Path natives = NativeLibraries.in(child.folder().toAbsolutePath()).orElse(null);
      var files =
          new ChildFiles(Files.createTempDirectory(child.folder(), PREFIX).toAbsolutePath());
      try {
        return judge(subject, files, natives);
      } finally {
        files.remove();
      }
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

  private Verdict judge(Subject subject, ChildFiles files, @Nullable Path natives)
      throws IOException, InterruptedException {
    files.ask(ChildFiles.Question.of(subject, probe));
    try (var process = new ChildProcess(ChildCommand.of(main, files, child, natives).start())) {
      ChildProcess.End end = process.await(child.timeout(), child.memoryBytes());
      Optional<Verdict> verdict = files.verdict();
      if (verdict.isPresent()) {
        return verdict.get();
      }
      if (!process.started() || end.status() == ProbeMain.CANNOT_TRY) {
        throw new IOException(
            "the admission process could not do its work (status %d): %s"
                .formatted(end.status(), process.said()));
      }
      return new Verdict.Rejected(reason(end, process, files));
    }
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
          case 137 -> "killed by the system, most likely for its memory";
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
