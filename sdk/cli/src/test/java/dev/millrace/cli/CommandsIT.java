package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.control.ControlJson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsIT {
  @TempDir Path home;
  private FakePlatform platform;

  @BeforeEach
  void start() throws Exception {
    platform = new FakePlatform();
  }

  @AfterEach
  void stop() {
    platform.close();
  }

  private CapturedRun run(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--url", platform.url(), "--key", FakePlatform.KEY));
    return CapturedRun.of(home, Map.of(), all.toArray(String[]::new));
  }

  private Path model() throws Exception {
    return Files.writeString(home.resolve("linear.onnx"), "not checked here");
  }

  @Test
  void deployUploadsSwitchesAndWaitsUntilItServes() throws Exception {
    platform.versionBecomes("VALIDATING", "VALIDATING", "READY");

    CapturedRun run = run("deploy", "linear", model().toString(), "--wait");

    assertThat(run.err()).contains("uploading (16 B)").contains("version 1: validating");
    assertThat(run.out())
        .isEqualTo(
            "linear version 1  READY  x FP32[batch,4] → y FP32[batch,2]\nserving at "
                + platform.url()
                + "/v2/models/linear/infer\n");
    assertThat(run.status()).isEqualTo(ExitCode.OK);
    assertThat(platform.spec()).isEqualTo("{\"model\":\"linear\",\"version\":1}");
    assertThat(new String(platform.uploaded(), StandardCharsets.UTF_8))
        .isEqualTo("not checked here");
  }

  @Test
  void deployTellsWhyAVersionWasRejected() throws Exception {
    platform.versionBecomes("VALIDATING", "REJECTED");

    CapturedRun run = run("deploy", "linear", model().toString(), "--wait");

    assertThat(run.status()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.err())
        .contains("millrace: version 1 of 'linear' was rejected: the graph is broken");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void validateWaitsForTheVerdict() throws Exception {
    platform.versionBecomes("VALIDATING", "READY");

    CapturedRun run = run("validate", "linear", "1", "--wait");

    assertThat(run.status()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("linear version 1  passed, it is READY");
    assertThat(platform.requests()).contains("POST /api/v1/models/linear/versions/1:validate");
  }

  @Test
  void validateTellsWhyAVersionThatServesOnFailed() throws Exception {
    platform.versionBecomes("READY+", "READY-");

    CapturedRun run = run("validate", "linear", "1", "--wait");

    assertThat(run.status()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.err()).contains("version 1 of 'linear' failed, and stays ready: it hangs");
  }

  @Test
  void statusSaysThatAnEndpointIsAsleep() throws Exception {
    platform.serving(1).asleep();

    CapturedRun run = run("status", "linear");

    assertThat(run.status()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("linear  ready, asleep: the next call wakes it")
        .contains("1 ready, 1 of them asleep");
  }

  @Test
  void deployGivesUpAtItsTimeoutAndSaysWhatIsMissing() throws Exception {
    platform.neverServes("no runtime of pool 'cpu' is alive");

    CapturedRun run = run("deploy", "linear", model().toString(), "--wait", "--timeout", "300ms");

    assertThat(run.status()).isEqualTo(ExitCode.NOT_READY);
    assertThat(run.err())
        .contains("'linear' does not serve after 0.3 s: no runtime of pool 'cpu' is alive");
  }

  @Test
  void deployWithoutATerminalDoesNotWaitUnlessTold() throws Exception {
    platform.versionBecomes("VALIDATING");

    CapturedRun run = run("deploy", "linear", model().toString());

    assertThat(run.status()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("linear version 1  UPLOADED").contains("millrace status linear");
  }

  @Test
  void deployWithoutTrafficLoadsTheVersionBesideWhatServes() throws Exception {
    platform.serving(3);

    CapturedRun run = run("deploy", "linear", model().toString(), "--no-traffic", "--wait");

    assertThat(run.status()).isEqualTo(ExitCode.OK);
    JsonNode spec = ControlJson.lenient().readTree(platform.spec());
    assertThat(spec.path("traffic").toString())
        .isEqualTo("[{\"version\":3,\"weight\":100},{\"version\":1,\"weight\":0}]");
    assertThat(spec.has("version")).isFalse();
    assertThat(run.out())
        .contains("infer linear --version 1")
        .contains("deploy linear --version 1");
  }

  @Test
  void aFirstDeployWithoutTrafficSaysThatNothingServesAndHowToChangeThat() throws Exception {
    platform.versionBecomes("VALIDATING", "READY");

    CapturedRun run = run("deploy", "linear", model().toString(), "--no-traffic", "--wait");

    assertThat(run.status()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("linear version 1  READY")
        .contains("nothing serves 'linear' yet")
        .contains("'./millrace deploy linear --version 1' sends it the traffic")
        .doesNotContain("status");
    assertThat(platform.requests()).noneMatch(request -> request.startsWith("PUT"));
  }

  @Test
  void deployOfAnUploadedVersionNeedsNoFile() throws Exception {
    CapturedRun run = run("deploy", "linear", "--version", "1", "--wait");

    assertThat(run.status()).isEqualTo(ExitCode.OK);
    assertThat(platform.spec()).isEqualTo("{\"model\":\"linear\",\"version\":1}");
    assertThat(platform.uploaded()).isEmpty();
  }

  @Test
  void deployNeedsAFileOrAVersionAndNotBoth() throws Exception {
    for (var arguments :
        List.of(
            List.of("deploy", "linear"),
            List.of("deploy", "linear", model().toString(), "--version", "1"))) {
      CapturedRun run = run(arguments.toArray(String[]::new));

      assertThat(run.status()).isEqualTo(ExitCode.USAGE);
      assertThat(run.err()).contains("FILE").contains("--version");
    }
  }

  @Test
  void deployOfTheVersionThatIsWantedAlreadyChangesNothing() throws Exception {
    platform.serving(1);

    assertThat(run("deploy", "linear", model().toString(), "--no-wait").status()).isZero();

    assertThat(platform.requests()).noneMatch(request -> request.startsWith("PUT"));
  }

  @Test
  void aWrongKeyCostsNoUpload() throws Exception {
    CapturedRun run =
        CapturedRun.of(
            home,
            Map.of("MILLRACE_URL", platform.url(), "MILLRACE_API_KEY", "wrong"),
            "deploy",
            "linear",
            model().toString());

    assertThat(run.status()).isEqualTo(ExitCode.DENIED);
    assertThat(run.err()).contains("millrace: a key is needed").contains("MILLRACE_API_KEY");
    assertThat(platform.uploaded()).isEmpty();
  }

  @Test
  void aMissingFileIsNamed() {
    CapturedRun run = run("deploy", "linear", "none.onnx");

    assertThat(run.status()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(run.err()).startsWith("millrace: file 'none.onnx' does not exist");
  }

  @Test
  void inferPrintsRowsForPeople() {
    CapturedRun run =
        run("infer", "linear", "--input", "x=[[1,2,3,4],[5,6,7,8.5]]", "--protocol", "http");

    assertThat(run.out()).isEqualTo("y  FP32[2, 2]\n  [[10.0, 0.5],\n   [26.5, 0.5]]\n");
    assertThat(run.err()).isEqualTo("answered by version 1\n");
    assertThat(run.status()).isZero();
  }

  @Test
  void inferPrintsTheProtocolsJsonForPrograms() throws Exception {
    Path request =
        Files.writeString(
            home.resolve("request.json"),
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\","
                + "\"data\":[1,2,3,4]}]}");

    CapturedRun run =
        run("infer", "linear", "--file", request.toString(), "--protocol", "http", "--json");

    JsonNode answer = ControlJson.lenient().readTree(run.out());
    assertThat(answer.path("outputs").path(0).path("name").asText()).isEqualTo("y");
    assertThat(answer.path("outputs").path(0).path("data").get(0).asDouble()).isEqualTo(10);
    assertThat(run.err()).isEmpty();
  }

  @Test
  void inferNamesAnInputThatDoesNotExistAndOnesThatDo() {
    CapturedRun run = run("infer", "linear", "--input", "z=[1]", "--protocol", "http");

    assertThat(run.status()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.err())
        .isEqualTo("millrace: 'linear' has no input 'z' (it has: x FP32[-1, 4])\n");
  }

  @Test
  void inferWithoutInputsIsAUsageError() {
    CapturedRun run = run("infer", "linear");

    assertThat(run.status()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--input");
  }

  @Test
  void statusShowsWhatAnEndpointWaitsForAndItsExitCodeSaysSo() {
    platform.serving(2).neverServes("version 2 to be loaded");

    CapturedRun run = run("status", "linear");

    assertThat(run.status()).isEqualTo(ExitCode.NOT_READY);
    assertThat(run.out())
        .startsWith("linear  not ready\n")
        .contains("wanted     version 2")
        .contains("serves     nothing")
        .contains("waits for  version 2 to be loaded");
  }

  @Test
  void anUnknownEndpointHasItsOwnExitCodeAndNextStep() {
    CapturedRun run = run("status", "linear");

    assertThat(run.status()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(run.err())
        .isEqualTo(
            "millrace: there is no endpoint 'linear'\n"
                + "  './millrace endpoints' and './millrace models' list what is there.\n");
  }

  @Test
  void rollbackSaysWhereItGoes() {
    platform.serving(2);

    CapturedRun run = run("rollback", "linear", "--wait");

    assertThat(run.out()).isEqualTo("linear goes back to version 1; it serves version 1 (100 %)\n");
  }

  @Test
  void suspendUnloadsAndResumeLoadsAgainButWritesNothingTwice() {
    platform.serving(1);

    CapturedRun unloaded = run("endpoints", "suspend", "linear");
    assertThat(unloaded.status()).isEqualTo(ExitCode.OK);
    assertThat(unloaded.out())
        .isEqualTo("linear is unloaded; './millrace endpoints resume linear' loads it again.\n");
    assertThat(platform.spec()).contains("\"version\":1", "\"suspended\":true");
    run("endpoints", "suspend", "linear");
    assertThat(puts()).isEqualTo(1);

    CapturedRun loaded = run("endpoints", "resume", "linear", "--wait");
    assertThat(loaded.status()).isEqualTo(ExitCode.OK);
    assertThat(loaded.out()).startsWith("linear serves ");
    assertThat(platform.spec()).doesNotContain("suspended");
    run("endpoints", "resume", "linear");
    assertThat(puts()).isEqualTo(2);
  }

  @Test
  void deployLoadsAnEndpointThatIsUnloaded() {
    platform.serving(1).versionBecomes("READY");
    run("endpoints", "suspend", "linear");

    assertThat(run("deploy", "linear", "--version", "1", "--no-wait").status())
        .isEqualTo(ExitCode.OK);
    assertThat(platform.spec()).doesNotContain("suspended");
  }

  private long puts() {
    return platform.requests().stream().filter(it -> it.startsWith("PUT ")).count();
  }

  @Test
  void listsAreTablesOrJson() throws Exception {
    platform.answering(
        "GET /api/v1/models",
        "{\"items\":[{\"project\":\"default\",\"name\":\"linear\",\"latestVersion\":12,"
            + "\"aliases\":{\"old\":1,\"best\":3},\"createdAt\":\"2026-01-01T00:00:00Z\"}],"
            + "\"nextPageToken\":null}");

    assertThat(run("models").out())
        .isEqualTo(
            "NAME    LATEST  ALIASES        CREATED\n"
                + "linear  12      best=3, old=1  2026-01-01T00:00:00Z\n");
    JsonNode json = ControlJson.lenient().readTree(run("models", "--json").out());
    assertThat(json.get(0).path("aliases").path("best").asInt()).isEqualTo(3);
    platform.answering("GET /api/v1/endpoints", "{\"items\":[],\"nextPageToken\":null}");
    assertThat(run("endpoints").out()).startsWith("No endpoints yet.");
  }

  @Test
  void profileIsATableOrJson() throws Exception {
    platform.answering(
        "GET /api/v1/models/linear",
        "{\"project\":\"default\",\"name\":\"linear\",\"latestVersion\":12,"
            + "\"aliases\":{},\"createdAt\":\"2026-01-01T00:00:00Z\"}");
    platform.answering(
        "GET /api/v1/models/linear/versions/12/profile",
        "{\"digest\":\"sha256:00\",\"hardwareClass\":\"cpu\","
            + "\"measuredAt\":\"2026-01-01T00:00:00Z\",\"onnxRuntime\":\"1.28.0\","
            + "\"footprint\":{\"loadMillis\":7,\"residentBytes\":2048,\"peakBytes\":1048576},"
            + "\"lengthAxis\":\"sequence\",\"latency\":[{\"batch\":1,\"length\":8,"
            + "\"p50Micros\":250,\"p99Micros\":1500,\"runs\":30}],\"batching\":{\"holds\":\"YES\","
            + "\"largestDifference\":1.2E-7},\"padding\":{\"holds\":\"UNKNOWN\","
            + "\"largestDifference\":0.0,\"note\":\"no mask\"},\"deterministic\":\"NO\","
            + "\"recommended\":{\"batch\":8,\"instances\":2,\"intraOpThreads\":1}}");

    assertThat(run("profile", "linear").out())
        .isEqualTo(
            "linear version 12  on cpu\n"
                + "  load           7 ms\n"
                + "  memory         2.0 KiB loaded, 1.0 MiB at most while running\n"
                + "  batching       safe (largest difference 1.2e-07)\n"
                + "  padding        unknown: no mask\n"
                + "  deterministic  no\n"
                + "  recommended    batch 8, instances 2 × threads 1\n"
                + "\n"
                + "BATCH  SEQUENCE  P50 MS  P99 MS  ROWS/S\n"
                + "1      8         0.250   1.500   4000\n"
                + "\n"
                + "  ONNX Runtime 1.28.0, 2026-01-01T00:00:00Z\n");
    JsonNode json = ControlJson.lenient().readTree(run("profile", "linear", "12", "--json").out());
    assertThat(json.path("latency").path(0).path("p50Micros").asLong()).isEqualTo(250);
    CapturedRun missing = run("profile", "linear", "12", "--hardware-class", "h100");
    assertThat(missing.status()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(platform.requests())
        .contains("GET /api/v1/models/linear/versions/12/profile?hardwareClass=h100");
  }

  @Test
  void eventsComeOneALine() {
    platform.answering(
        "GET /api/v1/endpoints/linear/events?after=0",
        "{\"items\":[{\"sequence\":1,\"at\":\"2026-01-01T00:00:00Z\",\"project\":\"default\","
            + "\"subject\":\"linear\",\"type\":\"VersionReady\",\"message\":\"version 1 passed\"}],"
            + "\"nextPageToken\":null}");

    assertThat(run("events", "linear").out())
        .isEqualTo("2026-01-01T00:00:00Z  linear  VersionReady  version 1 passed\n");
  }

  @Test
  void doctorSaysWhatIsWrongAndWhatToDo() {
    platform.answering("GET /api/v1/models", "{\"items\":[],\"nextPageToken\":null}");

    CapturedRun run = run("doctor", "--data", home.resolve("data").toString());

    assertThat(run.out())
        .contains("ok    java     JDK ")
        .contains("ok    data     " + home.resolve("data") + " can be written")
        .contains("ok    server   " + platform.url() + " answers and is ready")
        .contains("ok    key      --key is accepted; 0 models to be seen")
        .contains("fail  grpc")
        .contains("ok    clock");
    assertThat(run.status()).isEqualTo(ExitCode.FAILURE);
  }

  @Test
  void theKeyOfAServerOnThisMachineIsFoundByItsPort() throws Exception {
    platform.serving(1);
    Path key = Files.writeString(home.resolve("admin.key"), FakePlatform.KEY + "\n");
    Path file = home.resolve(".config/millrace/servers/" + platform.port() + ".json");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "{\"url\":\"%s\",\"managementUrl\":\"x\",\"keyFile\":\"%s\",\"pid\":%d}"
            .formatted(platform.url(), key, ProcessHandle.current().pid()));

    String port = Integer.toString(platform.port());
    assertThat(CapturedRun.of(home, Map.of(), "status", "linear", "--port", port).status())
        .isZero();
    // The only server that runs here needs no address at all.
    assertThat(CapturedRun.of(home, Map.of(), "status", "linear").status()).isZero();
    // A found key goes nowhere else.
    CapturedRun elsewhere =
        CapturedRun.of(
            home, Map.of(), "status", "linear", "--url", "http://127.0.0.1:" + port + "0");
    assertThat(elsewhere.status()).isNotZero();
  }

  @Test
  void aServerThatIsNotThereHasANextStep() {
    platform.close();

    CapturedRun run = run("models");

    assertThat(run.status()).isEqualTo(ExitCode.NOT_READY);
    assertThat(run.err())
        .startsWith("millrace: no connection to " + platform.url())
        .contains("Start a platform with './millrace serve'")
        .doesNotContain("\tat ");
  }

  @Test
  void rerankShowsTheMostRelevantDocumentFirst() {
    platform.answering(
        "POST /v1/rerank",
        "{\"model\":\"m\",\"results\":[{\"index\":1,\"relevance_score\":0.9},"
            + "{\"index\":0,\"relevance_score\":0.25}],\"usage\":{\"total_tokens\":9}}");

    CapturedRun run = run("rerank", "m", "what?", "bananas", "the river");

    assertThat(run.out()).isEqualTo("  0.9000  the river\n  0.2500  bananas\n");
    assertThat(run.status()).isEqualTo(ExitCode.OK);
  }

  @Test
  void classifyShowsTheLikeliestLabels() {
    platform.answering(
        "POST /v1/classify",
        "{\"model\":\"m\",\"data\":[{\"index\":0,\"predictions\":[{\"label\":\"ham\","
            + "\"score\":0.75},{\"label\":\"spam\",\"score\":0.25}]}],"
            + "\"usage\":{\"total_tokens\":3}}");

    CapturedRun run = run("classify", "m", "hello", "--top", "1");

    assertThat(run.out()).isEqualTo("hello\n  0.7500  ham\n");
    assertThat(run("classify", "m", "hello", "--json").out()).contains("\"label\" : \"spam\"");
  }

  private static String snippets(String... languages) {
    var list = new ArrayList<String>();
    for (var language : languages) {
      list.add(
          "{\"language\":\"%s\",\"title\":\"With %s\",\"file\":\"call.x\",\"code\":\"call %s\\n\"}"
              .replace("%s", language));
    }
    return "{\"endpoint\":\"linear\",\"version\":1,\"url\":\"http://x\",\"snippets\":[%s]}"
        .formatted(String.join(",", list));
  }

  @Test
  void snippetsShowsHowAnEndpointIsCalled() {
    platform.answering("GET /api/v1/endpoints/linear/snippets", snippets("curl", "java"));
    platform.answering("GET /api/v1/endpoints/linear/snippets?language=curl", snippets("curl"));

    CapturedRun all = run("snippets", "linear");
    assertThat(all.status()).isEqualTo(ExitCode.OK);
    assertThat(all.out())
        .isEqualTo(
            """
            linear version 1 at http://x

            ── With curl (call.x)

            call curl

            ── With java (call.x)

            call java
            """);
    assertThat(run("snippets", "linear", "--language", "CURL").out()).isEqualTo("call curl\n");
    assertThat(run("snippets", "linear", "--json").out()).contains("\"language\" : \"java\"");
    assertThat(run("snippets", "nobody").status()).isEqualTo(ExitCode.NOT_FOUND);
  }
}
