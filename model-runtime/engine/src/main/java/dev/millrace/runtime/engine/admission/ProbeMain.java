package dev.millrace.runtime.engine.admission;

import dev.millrace.runtime.engine.EngineOptions;
import dev.millrace.runtime.engine.OnnxEngine;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The child process: answers one question and ends. Not for people; {@link ChildProbe} starts it.
 *
 * <p>It says on standard output how far it is, one line a stage, and ends by itself when its
 * standard input closes: a parent that was killed leaves nothing behind.
 */
public final class ProbeMain {
  /** Begins a line that is meant for the parent. */
  static final String MARK = "millrace-admission: ";

  static final String STARTED = "started";

  /** The answer lies in its file, complete: nobody needs this process any more. */
  static final String ANSWERED = "answered";

  /** This machine cannot try any model. */
  static final int CANNOT_TRY = 70;

  private static final long POOL_BYTES = 16L << 20;

  private ProbeMain() {}

  /** Takes the folder with the question. */
  public static void main(String[] arguments) {
    run(arguments, FurtherCheck.NONE);
  }

  /**
   * Answers the question, then ends this process: it never returns.
   *
   * @param arguments the folder with the question
   * @param check what the version must pass besides its model
   */
  public static void run(String[] arguments, FurtherCheck check) {
    say(STARTED);
    endWithParent();
    int status = CANNOT_TRY;
    try {
      var files = new ChildFiles(Path.of(arguments[0]));
      files.answer(judge(files.question(), check));
      say(ANSWERED);
      status = 0;
    } catch (IOException | RuntimeException | LinkageError cannotTry) {
      System.err.println(cannotTry);
    }
    // The model's memory goes with the process; taking it down in order could only fail.
    Runtime.getRuntime().halt(status);
  }

  private static Verdict judge(ChildFiles.Question question, FurtherCheck check)
      throws IOException {
    ProbeOptions options = question.options();
    OnnxEngine engine =
        OnnxEngine.start(
            new EngineOptions(options.threads(), 1, false, POOL_BYTES, null, null, null));
    var probe = new InProcessProbe(engine, options, InstantSource.system(), ProbeMain::say);
    try {
      Verdict verdict = probe.probe(question.subject());
      if (verdict instanceof Verdict.Admitted admitted) {
        Optional<String> refused =
            check.refused(question.subject(), admitted.signature(), ProbeMain::say);
        return refused.isPresent() ? new Verdict.Rejected(refused.get()) : verdict;
      }
      return verdict;
    } catch (OutOfMemoryError outputs) {
      return new Verdict.Rejected("its inputs and outputs need more memory than admission allows");
    } catch (RuntimeException | StackOverflowError unforeseen) {
      return new Verdict.Rejected("it makes admission fail: " + unforeseen);
    }
  }

  private static void say(String stage) {
    System.out.println(MARK + stage);
    System.out.flush();
  }

  private static void endWithParent() {
    Thread.ofPlatform()
        .name("millrace-parent")
        .daemon()
        .start(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Nothing is ever said here: only the end counts.
                }
              } catch (IOException closed) {
                // That is an end, too.
              }
              Runtime.getRuntime().halt(CANNOT_TRY);
            });
  }
}
