package dev.millrace.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpotlightTest {
  @Test
  void keepsTheChosenCallsApartAndPassesAllOn() {
    var passedOn = new ArrayList<Long>();
    var spotlight =
        new Spotlight(
            new Target() {
              @Override
              public void call(int lane, long index, Answered answered) {
                passedOn.add(index);
                answered.sent();
                answered.ok();
              }

              @Override
              public void close() {}
            },
            index -> index % 3 == 0);
    var answers = new ArrayList<String>();

    for (long index = 0; index < 7; index++) {
      spotlight.call(0, index, answered(answers));
    }

    assertThat(passedOn).hasSize(7);
    assertThat(answers).hasSize(7).containsOnly("ok");
    assertThat(spotlight.latencies().getTotalCount()).isEqualTo(3);
  }

  private static Answered answered(List<String> answers) {
    return new Answered() {
      @Override
      public void ok() {
        answers.add("ok");
      }

      @Override
      public void wrong(String why) {
        answers.add(why);
      }

      @Override
      public void failed(String why) {
        answers.add(why);
      }
    };
  }
}
