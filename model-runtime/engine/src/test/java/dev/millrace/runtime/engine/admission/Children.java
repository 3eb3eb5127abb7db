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
}
