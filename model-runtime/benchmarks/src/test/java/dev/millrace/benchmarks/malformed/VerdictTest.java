package dev.millrace.benchmarks.malformed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.benchmarks.malformed.Verdict.End;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private static End end(String reason) {
    return Verdict.rejected("mutation 1", reason).end();
  }

  @Test
  void tellsByTheReasonHowARejectionCameAbout() {
    assertThat(end("it crashed the process that tried it while loading the model (SIGSEGV)"))
        .isEqualTo(End.CRASHED);
    assertThat(end("it was not done within 20 s while running the model; models must load"))
        .isEqualTo(End.TIMED_OUT);
    assertThat(end("it took more than 1.0 GiB of memory while loading")).isEqualTo(End.TOO_LARGE);
    assertThat(end("Load model from model.onnx failed:Protobuf parsing failed."))
        .isEqualTo(End.REJECTED);
  }

  @Test
  void reasonsThatDifferInNamesAndNumbersAreAlike() {
    assertThat(new Verdict("a", End.REJECTED, "node 'x' has 12 inputs. See more").kind())
        .isEqualTo(new Verdict("b", End.REJECTED, "node 'abc' has 7 inputs. Or less").kind())
        .isEqualTo("node '…' has N inputs");
  }
}
