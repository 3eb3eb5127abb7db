package dev.millrace.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class LookupCallsTest {
  private static int width(String data) throws IOException {
    return LookupCalls.width("{\"outputs\":[{\"name\":\"y\",\"data\":" + data + "}]}");
  }

  @Test
  void theWidthOfARightAnswerTellsTheVersion() throws Exception {
    assertThat(width("[3.0,4.0,5.0,6.0,7.0,8.0,9.0,10.0,11.0]")).isEqualTo(3);
    assertThat(width("[2.0,3.0,4.0,5.0,6.0,7.0]")).isEqualTo(2);
  }

  @Test
  void oneWrongNumberMakesTheAnswerWrong() throws Exception {
    assertThat(width("[2.0,3.0,4.0,5.0,6.0,8.0]")).isEqualTo(-1);
    assertThat(width("[2.0,3.0,4.0,5.0]")).isEqualTo(-1);
    assertThat(width("[]")).isEqualTo(-1);
  }
}
