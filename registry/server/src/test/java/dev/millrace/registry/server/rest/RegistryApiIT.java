package dev.millrace.registry.server.rest;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.notNullValue;

import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.protocol.internal.HttpRegistryLink;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.RegistryLink.Audience;
import dev.millrace.protocol.internal.RepositoryChange;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.store.StoreSamples;
import dev.millrace.testkit.bundle.TarBytes;
import dev.millrace.testkit.onnx.TinyModels;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(RegistryProfile.class)
class RegistryApiIT {
  private static final String MODELS = "/api/v1/models/";
  private static final String ENDPOINTS = "/api/v1/endpoints/";

  @TestHTTPResource("/")
  URI base;

  @Test
  void uploadsIsIdempotentAndDownloads() throws Exception {
    var model = TinyModels.linear(4, 3);
    var first =
        admin()
            .body(model)
            .post(MODELS + "up/versions")
            .then()
            .statusCode(201)
            .extract()
            .response();
    assertThat(first.header("location")).isEqualTo("/api/v1/models/up/versions/1");
    assertThat(first.path("format.producer").toString()).isNotEmpty();
    assertThat(first.<List<Object>>path("signature.inputs[0].shape")).containsExactly("batch", 4);
    assertThat(first.<Integer>path("signature.inputs[0].batchAxis")).isZero();

    admin()
        .body(model)
        .post(MODELS + "up/versions")
        .then()
        .statusCode(200)
        .body("version", equalTo(1));
    admin().body(TinyModels.linear(4, 2)).post(MODELS + "up/versions").then().statusCode(201);

    viewer().get(MODELS + "up").then().statusCode(200).body("latestVersion", equalTo(2));
    viewer()
        .get(MODELS + "up/versions?pageSize=1")
        .then()
        .body("items[0].version", equalTo(2))
        .body("nextPageToken", notNullValue());
    viewer().get(MODELS + "up/versions/1/signature").then().body("outputs[0].name", equalTo("y"));
    assertThat(
            viewer()
                .get(MODELS + "up/versions/1/artifacts/model.onnx")
                .then()
                .statusCode(200)
                .extract()
                .asByteArray())
        .isEqualTo(model);
  }

  @Test
  void checksTheDigestThatTheClientSends() throws Exception {
    var model = TinyModels.linear(4, 5);
    var right =
        Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(model));
    var wrong = Base64.getEncoder().encodeToString(new byte[32]);

    admin()
        .header("Repr-Digest", "sha-256=:" + wrong + ":")
        .body(model)
        .post(MODELS + "digest/versions")
        .then()
        .statusCode(400)
        .body("code", equalTo("INVALID_ARGUMENT"))
        .body("error", containsString("damaged on the way"));
    viewer().get(MODELS + "digest").then().statusCode(404);
    admin()
        .header("Repr-Digest", "sha-256=:" + right + ":")
        .body(model)
        .post(MODELS + "digest/versions")
        .then()
        .statusCode(201);
  }

  @Test
  void refusesWhatIsNoModel() {
    badUpload(TinyModels.notOnnx(), "not an ONNX model");
    badUpload(new byte[0], "the upload is empty");
    var whole = TinyModels.linear(4, 3);
    badUpload(Arrays.copyOf(whole, whole.length - 7), "not an ONNX model");
    badUpload(tar("../evil.onnx", whole), "not a plain file name");
    badUpload(tar("README.md", whole), "no .onnx file");
    badUpload(Arrays.copyOf(tar("model.onnx", whole), 700), "ends in the middle");
    admin()
        .body(whole)
        .post(MODELS + "Bad..Name/versions")
        .then()
        .statusCode(400)
        .body("error", containsString("model name 'Bad..Name' is not valid"));
    admin()
        .header("Content-Encoding", "gzip")
        .body(whole)
        .post(MODELS + "zip/versions")
        .then()
        .statusCode(415);
    viewer().get(MODELS + "bad").then().statusCode(404);
  }

  @Test
  void takesATarAndUploadsLargerThanTheFrameworksDefaultLimit() throws Exception {
    var bundle =
        new TarBytes()
            .file("./model.onnx", TinyModels.linear(4, 7))
            .file("millrace.yaml", "license: MIT\n".getBytes(UTF_8))
            .file("extra.bin", new byte[24 << 20])
            .end();

    var taken = send("large", bundle);
    assertThat(taken.statusCode()).isEqualTo(201);
    var version = ControlJson.strict().readValue(taken.body(), VersionDocument.class);
    assertThat(version.manifest().license()).isEqualTo("MIT");
    assertThat(version.artifacts())
        .extracting(Artifact::name)
        .containsExactly("extra.bin", "millrace.yaml", "model.onnx");

    var refused = send("large", new byte[65 << 20]);
    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(refused.body()).contains("PAYLOAD_TOO_LARGE");
  }

  private HttpResponse<String> send(String model, byte[] body) throws Exception {
    var request =
        HttpRequest.newBuilder(base.resolve(MODELS + model + "/versions"))
            .header("millrace-internal-token", RegistryProfile.TOKEN)
            .header("millrace-internal-roles", "deployer")
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .build()
        .send(request, BodyHandlers.ofString());
  }

  @Test
  void anUploadThatBreaksOffLeavesNothing() throws Exception {
    var staged = RegistryProfile.DATA.resolve("blobs").resolve("staged");
    try (var socket = new Socket(base.getHost(), base.getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /api/v1/models/broken/versions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n"
                  + "millrace-internal-token: "
                  + RegistryProfile.TOKEN
                  + "\r\nmillrace-internal-roles: admin\r\n\r\n")
              .getBytes(UTF_8));
      out.write(TinyModels.linear(64, 16));
      out.flush();
      await().until(() -> count(staged) == 1);
    }
    await().until(() -> count(staged) == 0);
    viewer().get(MODELS + "broken").then().statusCode(404);
  }

  @Test
  void showsWhatWasMeasured() throws Exception {
    var link = new HttpRegistryLink(base, RegistryProfile.TOKEN);
    var key = new VersionKey("default", "measured", 1);
    String digest =
        admin()
            .body(TinyModels.linear(4, 7))
            .post(MODELS + "measured/versions")
            .then()
            .extract()
            .path("digest");
    String profile = MODELS + "measured/versions/1/profile";
    viewer()
        .get(profile)
        .then()
        .statusCode(404)
        .body("error", containsString("version 1 of model 'measured' has no profile (it is "));

    var cpu = StoreSamples.profile(digest, "cpu", 4);
    link.admission(new AdmissionReport(key, true, null, null, 3, cpu));
    assertThat(ControlJson.strict().readValue(viewer().get(profile).asByteArray(), Profile.class))
        .isEqualTo(cpu);

    link.profile(StoreSamples.profile(digest, "h100", 9));
    viewer()
        .queryParam("hardwareClass", "h100")
        .get(profile)
        .then()
        .statusCode(200)
        .body("recommended.batch", equalTo(9))
        .body("latency[1].p50Micros", equalTo(400))
        .body("padding.note", equalTo("no mask"));
    viewer()
        .queryParam("hardwareClass", "tpu")
        .get(profile)
        .then()
        .statusCode(404)
        .body("error", containsString("no profile on 'tpu' (measured on: cpu, h100)"));
    assertThatThrownBy(() -> link.profile(StoreSamples.profile(digest, "a/b", 1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not complete");
  }

  @Test
  void judgesAVersionAgain() throws Exception {
    var link = new HttpRegistryLink(base, RegistryProfile.TOKEN);
    var key = new VersionKey("default", "again", 1);
    admin().body(TinyModels.linear(4, 9)).post(MODELS + "again/versions").then().statusCode(201);
    String validate = MODELS + "again/versions/1:validate";
    admin().post(validate).then().statusCode(400).body("error", containsString("being judged"));
    link.admission(new AdmissionReport(key, false, "too slow", null, 3));

    admin()
        .post(validate)
        .then()
        .statusCode(202)
        .body("state", equalTo("VALIDATING"))
        .body("validations", equalTo(2));
    link.admission(new AdmissionReport(key, true, null, null, 3, null, 2));
    admin()
        .post(validate)
        .then()
        .statusCode(202)
        .body("state", equalTo("READY"))
        .body("validatingAgain", equalTo(true));
    link.admission(new AdmissionReport(key, false, "it hangs", null, 3, null, 3));

    viewer()
        .get(MODELS + "again/versions/1")
        .then()
        .body("state", equalTo("READY"))
        .body("reason", equalTo("it hangs"))
        .body("validatingAgain", equalTo(false));
    admin().post(MODELS + "again/versions/9:validate").then().statusCode(404);
  }

  @Test
  void deploysRevertsAndTells() throws Exception {
    var link = new HttpRegistryLink(base, RegistryProfile.TOKEN);
    var key1 = new VersionKey("default", "flow", 1);
    var key2 = new VersionKey("default", "flow", 2);
    admin().body(TinyModels.linear(4, 3)).post(MODELS + "flow/versions").then().statusCode(201);
    admin().body(TinyModels.linear(4, 2)).post(MODELS + "flow/versions").then().statusCode(201);
    admin()
        .body("{\"version\":1}")
        .put(ENDPOINTS + "flow")
        .then()
        .statusCode(200)
        .header("etag", "\"1\"");

    link.report(member("r-flow"));
    var asked = link.snapshot(0, "", Audience.RUNTIME, Duration.ZERO).orElseThrow();
    assertThat(asked.keys()).isEmpty();
    assertThat(asked.assignments())
        .filteredOn(it -> it.memberId().equals("r-flow"))
        .singleElement()
        .satisfies(it -> assertThat(it.admit()).contains(key1, key2));
    link.admission(new AdmissionReport(key1, true, null, null, 3));
    link.admission(new AdmissionReport(key2, true, null, null, 3));
    link.report(member("r-flow", key1));
    viewer()
        .get(ENDPOINTS + "flow/status")
        .then()
        .body("ready", equalTo(true))
        .body("traffic[0].weight", equalTo(100))
        .body("waitingFor", equalTo(null));

    admin()
        .header("If-Match", "\"9\"")
        .body("{\"version\":2}")
        .put(ENDPOINTS + "flow")
        .then()
        .statusCode(412)
        .body("code", equalTo("STALE_REVISION"));
    admin()
        .header("If-Match", "\"1\"")
        .body("{\"version\":2}")
        .put(ENDPOINTS + "flow")
        .then()
        .statusCode(200);
    link.report(member("r-flow", key1, key2));
    viewer().get(ENDPOINTS + "flow").then().body("status.traffic[0].version", equalTo(2));
    admin()
        .post(ENDPOINTS + "flow:revert")
        .then()
        .statusCode(200)
        .body("revision", equalTo(3))
        .body("spec.version", equalTo(1));
    tellsOfTheFlowAndRefusesToDeleteWhatItUses();
    try (var weights = link.openArtifact(asked.versions().get(0).artifacts().get(0).digest())) {
      assertThat(weights.readAllBytes()).isNotEmpty();
    }
    link.leave("r-flow");
    admin().delete(ENDPOINTS + "flow").then().statusCode(204);
    viewer().get(ENDPOINTS + "flow").then().statusCode(404);
  }

  private static void tellsOfTheFlowAndRefusesToDeleteWhatItUses() {
    viewer()
        .get(ENDPOINTS + "flow/revisions")
        .then()
        .body("items.revision", equalTo(List.of(3, 2, 1)));
    viewer()
        .get(ENDPOINTS + "flow/events")
        .then()
        .body("items.type", hasItems("VersionReady", "TrafficSwitched", "EndpointReverted"));
    admin()
        .delete(MODELS + "flow/versions/1")
        .then()
        .statusCode(400)
        .body("error", containsString("endpoint 'flow' uses it"));
    admin()
        .body("{\"version\":1}")
        .put(MODELS + "flow/aliases/champion")
        .then()
        .statusCode(200)
        .header("etag", "\"1\"");
    viewer().get(MODELS + "flow/versions/champion").then().body("version", equalTo(1));
  }

  @Test
  void suspendsAndResumes() throws Exception {
    var link = new HttpRegistryLink(base, RegistryProfile.TOKEN);
    admin().body(TinyModels.linear(4, 3)).post(MODELS + "naps/versions").then().statusCode(201);
    admin()
        .body("{\"version\":1,\"suspended\":true}")
        .put(ENDPOINTS + "naps")
        .then()
        .statusCode(200)
        .header("etag", "\"1\"")
        .body("spec.suspended", equalTo(true))
        .body("status.suspended", equalTo(true))
        .body("status.waitingFor", containsString("millrace endpoints resume naps"));
    admin()
        .body("{\"version\":1,\"suspended\":\"very\"}")
        .put(ENDPOINTS + "naps")
        .then()
        .statusCode(400)
        .body("error", containsString("suspended is not valid (expected: true or false)"));

    var load = new RepositoryChange("default", "naps", "deployer", true, null);
    assertThat(link.repository(load).revision()).isEqualTo(2);
    viewer()
        .get(ENDPOINTS + "naps")
        .then()
        .body("spec.suspended", equalTo(null))
        .body("changedBy", equalTo("deployer"));
    assertThatThrownBy(
            () -> link.repository(new RepositoryChange("default", "naps", "k", true, "{\"a\":1}")))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("field 'a' has no counterpart here");
    assertThatThrownBy(
            () -> link.repository(new RepositoryChange("elsewhere", "naps", "k", false, null)))
        .isInstanceOfSatisfying(
            MillraceException.class,
            missing -> assertThat(missing.code()).isEqualTo(ErrorCode.NOT_FOUND));
    admin().delete(ENDPOINTS + "naps").then().statusCode(204);
  }

  @Test
  void streamsEvents() throws Exception {
    admin().body(TinyModels.linear(4, 3)).post(MODELS + "sse/versions").then().statusCode(201);
    var request =
        HttpRequest.newBuilder(base.resolve(ENDPOINTS + "sse/events"))
            .header("accept", "text/event-stream")
            .header("millrace-internal-token", RegistryProfile.TOKEN)
            .header("millrace-internal-roles", "viewer")
            .timeout(Duration.ofSeconds(20))
            .build();
    var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    var response = client.send(request, BodyHandlers.ofLines());
    assertThat(response.statusCode()).isEqualTo(200);
    var lines = response.body().filter(it -> !it.isBlank()).iterator();
    assertThat(lines.next()).startsWith("id:");
    assertThat(lines.next()).isEqualTo("event:VersionUploaded");
    admin().body("{\"version\":1}").put(ENDPOINTS + "sse").then().statusCode(200);
    while (!lines.next().contains("EndpointChanged")) {
      assertThat(lines.hasNext()).isTrue();
    }
    client.shutdownNow();
  }

  @Test
  void waitsForTheNextSnapshot() throws Exception {
    var link = new HttpRegistryLink(base, RegistryProfile.TOKEN);
    var held = link.snapshot(0, "", Audience.GATEWAY, Duration.ZERO).orElseThrow();
    assertThat(held.keys()).hasSize(1);
    assertThat(Files.readString(RegistryProfile.DATA.resolve("admin.key")))
        .startsWith("mr_" + held.keys().get(0).id() + "_");
    var waiting =
        new java.util.concurrent.FutureTask<>(
            () ->
                link.snapshot(
                    held.number(), held.epoch(), Audience.GATEWAY, Duration.ofSeconds(20)));
    Thread.ofVirtual().start(waiting);
    link.report(member("r-wait"));
    assertThat(waiting.get().orElseThrow().number()).isGreaterThan(held.number());
    link.leave("r-wait");
  }

  @Test
  void isNeverOpen() {
    given()
        .get("/api/v1/models")
        .then()
        .statusCode(401)
        .header("www-authenticate", notNullValue())
        .header("millrace-request-id", notNullValue())
        .body("code", equalTo("UNAUTHENTICATED"));
    given()
        .header("millrace-internal-token", "wrong")
        .get("/internal/v1/snapshot")
        .then()
        .statusCode(401);
    token().get("/api/v1/models").then().statusCode(403);
    token()
        .header("millrace-internal-roles", "invoker")
        .get("/api/v1/models")
        .then()
        .statusCode(403);
    viewer()
        .body("{}")
        .put(ENDPOINTS + "x")
        .then()
        .statusCode(403)
        .body("code", equalTo("PERMISSION_DENIED"));
  }

  @Test
  void keepsProjectsApart() {
    admin().body(TinyModels.linear(4, 3)).post(MODELS + "mine/versions").then().statusCode(201);
    viewer()
        .header("millrace-internal-project", "other")
        .get(MODELS + "mine")
        .then()
        .statusCode(404);
  }

  @Test
  void everyFailureHasTheOneBody() {
    viewer().get("/api/v1/bogus").then().statusCode(404).body("code", equalTo("NOT_FOUND"));
    viewer().get(MODELS + "a/b/c/d/e").then().statusCode(404).body("code", equalTo("NOT_FOUND"));
    admin()
        .delete("/api/v1/models")
        .then()
        .statusCode(405)
        .body("code", equalTo("METHOD_NOT_ALLOWED"))
        .header("allow", containsString("GET"));
    admin()
        .body("{\"version\":")
        .put(ENDPOINTS + "x")
        .then()
        .statusCode(400)
        .body("error", containsString("the body is malformed"));
    admin()
        .body("{\"verson\":1}")
        .put(ENDPOINTS + "x")
        .then()
        .statusCode(400)
        .body("error", equalTo("the body: unknown field 'verson' (did you mean 'version'?)"));
    admin()
        .body("{\"version\":\"one\"}")
        .put(ENDPOINTS + "x")
        .then()
        .statusCode(400)
        .body("error", equalTo("the body: version is not valid (expected: a whole number)"));
    admin()
        .contentType("application/octet-stream")
        .body("a: b".getBytes(UTF_8))
        .put(ENDPOINTS + "x")
        .then()
        .statusCode(415);
    admin().body("{}").put(ENDPOINTS + "x").then().statusCode(400);
    admin().body("{\"version\":7}").put(ENDPOINTS + "x").then().statusCode(404);
    viewer().get("/api/v1/models?pageSize=0").then().statusCode(400);
    viewer().get("/api/v1/models?pageSize=x").then().statusCode(matchesFourHundreds());
    viewer()
        .header("millrace-request-id", "abc-1")
        .get(MODELS + "none")
        .then()
        .statusCode(404)
        .header("millrace-request-id", "abc-1");
  }

  private static org.hamcrest.Matcher<Integer> matchesFourHundreds() {
    return org.hamcrest.Matchers.oneOf(400, 404);
  }

  private static void badUpload(byte[] body, String message) {
    admin()
        .body(body)
        .post(MODELS + "bad/versions")
        .then()
        .statusCode(400)
        .body("code", equalTo("INVALID_ARGUMENT"))
        .body("error", containsString(message))
        .header("millrace-request-id", matchesPattern("[0-9a-f]{32}"));
  }

  private static RequestSpecification token() {
    return given().header("millrace-internal-token", RegistryProfile.TOKEN);
  }

  private static RequestSpecification admin() {
    return token()
        .header("millrace-internal-roles", "admin")
        .header("millrace-internal-actor", "k1")
        .header("millrace-internal-project", "default")
        .contentType("application/json");
  }

  private static RequestSpecification viewer() {
    return token().header("millrace-internal-roles", "viewer");
  }

  private static MemberReport member(String id, VersionKey... ready) {
    return new MemberReport(
        id,
        "h:1",
        "h:2",
        "cpu",
        "cpu",
        false,
        Arrays.stream(ready).map(it -> new ReplicaReport(it, ReplicaState.READY, null)).toList());
  }

  private static long count(java.nio.file.Path folder) throws Exception {
    try (var files = Files.list(folder)) {
      return files.count();
    }
  }

  private static byte[] tar(String name, byte[] content) {
    return new TarBytes().file(name, content).end();
  }
}
