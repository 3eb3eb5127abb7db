package dev.millrace.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.control.ControlJson;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final Target TARGET = Target.atLeast(0.6, "bare Vert.x echo");
  private static final Machine MACHINE =
      new Machine("Linux 6", "amd64", "Some CPU", 2, 8192, "25", 0.1);

  @Test
  void takesMediansOverTheRoundsAndOfTheirRatios() {
    Result result = result(TARGET, round(100.0, 200.0), round(900.0, 1000.0), round(300.0, 500.0));

    assertThat(result.value()).isEqualTo(300);
    assertThat(result.baseline()).isEqualTo(500);
    assertThat(result.ratio()).isEqualTo(0.6);
    assertThat(result.target()).isEqualTo("≥ 0.6 × bare Vert.x echo");
    assertThat(result.met()).isTrue();
  }

  @Test
  void averagesTheMiddleOfAnEvenNumberOfRounds() {
    assertThat(result(null, round(100.0, null), round(200.0, null)).value()).isEqualTo(150);
  }

  @Test
  void missesATargetBelowItsRatio() {
    assertThat(result(TARGET, round(59.0, 100.0)).met()).isFalse();
  }

  @Test
  void aLatencyMeetsItsTargetFromAbove() {
    Target target = Target.atMost(0.7, "equal-shape mode");

    assertThat(result(target, round(7.0, 10.0)).met()).isTrue();
    assertThat(result(target, round(8.0, 10.0)).met()).isFalse();
    assertThat(target).hasToString("≤ 0.7 × equal-shape mode");
  }

  @Test
  void anAbsoluteTargetNeedsNoBaseline() {
    Target target = Target.valueAtMost(2000, "ms");

    assertThat(result(target, round(1900.0, null)).met()).isTrue();
    assertThat(result(target, round(2100.0, null)).met()).isFalse();
    assertThat(result(target, voidRound()).met()).isNull();
    assertThat(target).hasToString("≤ 2000.0 ms");
  }

  @Test
  void saysNothingAboutATargetWithoutABaseline() {
    Result result = result(TARGET, round(100.0, null));

    assertThat(result.ratio()).isNull();
    assertThat(result.met()).isNull();
  }

  @Test
  void aVoidRoundIsLeftOutOfTheMedians() {
    Result result = result(null, round(5.0, null), voidRound(), round(7.0, null));

    assertThat(result.value()).isEqualTo(6);
    assertThat(result.sane()).isTrue();
  }

  @Test
  void oneWrongAnswerIsInsaneAndSoIsSilence() {
    assertThat(report(result(null, withSide(side(100, 0, 1)))).sane()).isFalse();
    assertThat(report(result(null, withSide(side(0, 0, 0)))).sane()).isFalse();
    assertThat(report(result(null, withSide(side(100, 2, 0)))).sane()).isFalse();
    assertThat(report(result(null, withSide(side(100, 1, 0)))).sane()).isTrue();
    assertThat(report().sane()).isFalse();
  }

  @Test
  void missingATargetIsNotInsane() {
    assertThat(report(result(TARGET, round(1.0, 100.0))).sane()).isTrue();
  }

  @Test
  void writesTheAgreedForm(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("new").resolve("report.json");
    report(result(TARGET, round(60.0, 100.0)), result(null, voidRound())).write(file);

    JsonNode json = ControlJson.lenient().readTree(file.toFile());
    assertThat(json.fieldNames()).toIterable().containsExactly("machine", "commit", "results");
    assertThat(json.path("machine").path("cores").asInt()).isEqualTo(2);
    assertThat(json.path("commit").asText()).isEqualTo("abc1234");
    JsonNode first = json.path("results").path(0);
    assertThat(first.fieldNames())
        .toIterable()
        .containsExactly(
            "id", "name", "value", "unit", "baseline", "ratio", "target", "met", "rounds");
    assertThat(first.path("ratio").asDouble()).isEqualTo(0.6);
    assertThat(first.path("met").asBoolean()).isTrue();
    JsonNode round = first.path("rounds").path(0);
    assertThat(round.path("void").isBoolean()).isTrue();
    assertThat(round.path("server").path("p99Millis").asDouble()).isEqualTo(2);
    JsonNode second = json.path("results").path(1);
    assertThat(second.path("value").isNull()).isTrue();
    assertThat(second.path("rounds").path(0).path("void").asBoolean()).isTrue();
  }

  @Test
  void printsALineForEachResultAndWhatWasNotMeasured() {
    String table =
        ReportTable.render(
            report(result(TARGET, round(23456.0, 30000.0)), result(null, voidRound())));

    List<String> lines = table.lines().toList();
    assertThat(lines.get(0)).startsWith("id  scenario").contains("p99.9 ms").endsWith("met");
    assertThat(lines.get(1))
        .startsWith("P1  tiny-http-json")
        .contains("23456", "30000", "0.782", "≥ 0.6 × bare Vert.x echo")
        .endsWith("yes");
    assertThat(lines.get(2)).contains(" –  ").endsWith("void");
    assertThat(table)
        .contains("baseline of tiny-http-json: bare Vert.x echo\n")
        .contains("Triton: not measured here\n")
        .contains("Some CPU, 2 cores")
        .contains("commit abc1234");
  }

  @Test
  void saysWhenTheMachineHadOtherWork() {
    var busy = new Machine("Linux 6", "amd64", "Some CPU", 2, 8192, "25", 1.5);
    var report = new Report(busy, "abc1234", List.of(result(null, round(1.0, null))));

    assertThat(ReportTable.render(report)).contains("this machine was busy with other work");
    assertThat(ReportTable.render(report(result(null, round(1.0, null))))).doesNotContain("busy");
  }

  @Test
  void showsWhatWentWrong() {
    var broken = new Side(0, 0, 0, 0, 0, 7, 0, null, null, 0.1, null, "HTTP 503: queue full");

    assertThat(ReportTable.render(report(result(null, withSide(broken)))))
        .contains("problem in tiny-http-json: HTTP 503: queue full");
  }

  private static Report report(Result... results) {
    return new Report(MACHINE, "abc1234", List.of(results));
  }

  private static Result result(@Nullable Target target, Round... rounds) {
    return Result.of("P1", "tiny-http-json", "req/s", target, List.of(rounds));
  }

  private static Round round(double value, @Nullable Double baseline) {
    String against = baseline == null ? null : "bare Vert.x echo";
    return new Round(value, baseline, against, false, null, side(100, 0, 0), null, null);
  }

  private static Round voidRound() {
    return new Round(null, null, null, true, 700.0, side(100, 0, 0), null, null);
  }

  private static Round withSide(Side side) {
    return new Round(1.0, null, null, false, null, side, null, null);
  }

  private static Side side(long answers, long errors, long wrong) {
    return new Side(answers, answers, 1, 2, 3, errors, wrong, 0.05, 256L << 20, 0.4, null, null);
  }
}
