package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultOrderTest {
  private final ResultOrder order = new ResultOrder();
  private final List<String> told = new ArrayList<>();

  @Test
  void holdsBackWhatIsNotYetItsTurn() {
    order.tell(1, () -> told.add("1"));
    order.complete(1);
    order.tell(2, () -> told.add("2"));
    assertThat(told).isEmpty();

    order.tell(0, () -> told.add("0"));
    assertThat(told).containsExactly("0");
    order.complete(0);
    assertThat(told).containsExactly("0", "1", "2");
    order.tell(2, () -> told.add("2 more"));
    assertThat(told).endsWith("2 more");
  }

  @Test
  void aBatchWithoutResultsKeepsNobodyWaiting() {
    order.complete(0);
    order.tell(1, () -> told.add("1"));

    assertThat(told).containsExactly("1");
  }

  @Test
  void whatATellingTellsComesAfterIt() {
    order.tell(
        0,
        () -> {
          order.tell(0, () -> told.add("second"));
          told.add("first");
        });

    assertThat(told).containsExactly("first", "second");
  }

  @Test
  void aFailureDoesNotStopTheOthers() {
    assertThatThrownBy(
            () ->
                order.tell(
                    0,
                    () -> {
                      throw new IllegalStateException("listener");
                    }))
        .hasMessage("listener");
    order.complete(0);
    order.tell(1, () -> told.add("1"));

    assertThat(told).containsExactly("1");
  }
}
