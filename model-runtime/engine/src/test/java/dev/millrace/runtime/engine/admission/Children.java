package dev.millrace.runtime.engine.admission;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Mains of child processes that do what no child should. */
final class Children {
  private Children() {}

  private static void say(String stage) {
    System.out.println(ProbeMain.MARK + ProbeMain.STARTED);
    System.out.println(ProbeMain.MARK + stage);
    System.out.flush();
  }

  /** Writes where nothing is. */
  static final class Crashing {
    private Crashing() {}

    public static void main(String[] arguments) {
      say("jumping off");
      MemorySegment.NULL.reinterpret(8).set(ValueLayout.JAVA_LONG, 0, 1);
    }
  }

  /** Ends without an answer. */
  static final class Leaving {
    private Leaving() {}

    public static void main(String[] arguments) {
      say(ProbeMain.STARTED);
      Runtime.getRuntime().halt(9);
    }
  }

  /** Takes memory outside of the Java heap and uses it. */
  static final class Greedy {
    private static final long CHUNK = 16L << 20;

    private Greedy() {}

    public static void main(String[] arguments) throws Exception {
      say("eating");
      List<MemorySegment> eaten = new ArrayList<>();
      var allocator = java.lang.foreign.Arena.global();
      for (int chunk = 0; chunk < 256; chunk++) {
        eaten.add(allocator.allocate(CHUNK).fill((byte) 1));
      }
      new java.util.concurrent.CountDownLatch(1).await();
    }
  }

  /** Says that this machine is no good. */
  static final class Unable {
    private Unable() {}

    public static void main(String[] arguments) {
      say("looking for the library");
      System.err.println("no library on this machine");
      System.err.flush();
      Runtime.getRuntime().halt(ProbeMain.CANNOT_TRY);
    }
  }

  /** Gives its environment as the reason. */
  static final class Telling {
    private Telling() {}

    public static void main(String[] arguments) throws IOException {
      say("telling");
      new ChildFiles(Path.of(arguments[0]))
          .answer(new AdmissionProbe.Verdict.Rejected(System.getenv().toString()));
    }
  }

  /** Has answered, and does not end. */
  static final class Lingering {
    private Lingering() {}

    public static void main(String[] arguments) throws Exception {
      say("answering");
      new ChildFiles(Path.of(arguments[0]))
          .answer(new AdmissionProbe.Verdict.Rejected("while others wait"));
      System.out.println(ProbeMain.MARK + ProbeMain.ANSWERED);
      System.out.flush();
      new java.util.concurrent.CountDownLatch(1).await();
    }
  }

  /** Waits for what never comes, without using the processor. */
  static final class Sleepy {
    private Sleepy() {}

    public static void main(String[] arguments) throws InterruptedException {
      say("sleeping");
      new java.util.concurrent.CountDownLatch(1).await();
    }
  }

  /** Answers only when another child was there before. */
  static final class SecondTime {
    private SecondTime() {}

    public static void main(String[] arguments) throws Exception {
      say("looking for another");
      Path folder = Path.of(arguments[0]);
      Path trace = folder.resolveSibling("somebody-was-here");
      if (java.nio.file.Files.notExists(trace)) {
        java.nio.file.Files.createFile(trace);
        new java.util.concurrent.CountDownLatch(1).await();
      }
      new ChildFiles(folder).answer(new AdmissionProbe.Verdict.Rejected("in the second child"));
      Runtime.getRuntime().halt(0);
    }
  }

  /** Refuses what the probe admits. */
  static final class Checking {
    private Checking() {}

    public static void main(String[] arguments) {
      ProbeMain.run(
          arguments,
          (subject, signature, progress) ->
              java.util.Optional.of(signature.inputs().get(0).name() + " is no word"));
    }
  }

  /** Crashes after the model. */
  static final class CrashingCheck {
    private CrashingCheck() {}

    public static void main(String[] arguments) {
      ProbeMain.run(
          arguments,
          (subject, signature, progress) -> {
            progress.accept("checking further");
            MemorySegment.NULL.reinterpret(8).set(ValueLayout.JAVA_LONG, 0, 1);
            return java.util.Optional.empty();
          });
    }
  }
}
