package dev.millrace.registry.server.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.SnippetsDocument;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.registry.server.openapi.OpenApiDocument;
import dev.millrace.testkit.onnx.TinyModels;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the registry tells of the platform's API, and that it is true. */
@QuarkusTest
@TestProfile(RegistryProfile.class)
class DocumentsIT {
  private static final String ENDPOINT = "/api/v1/endpoints/described";

  private static RequestSpecification as(String role) {
    return given()
        .header("millrace-internal-token", RegistryProfile.TOKEN)
        .header("millrace-internal-roles", role)
        .header("millrace-internal-base-url", "https://ml.example.com");
  }

  private static JsonNode json(String path) throws Exception {
    return ControlJson.strict()
        .readTree(as("viewer").get(path).then().statusCode(200).extract().asByteArray());
  }

  @BeforeEach
  void deploy() {
    as("admin")
        .contentType("application/octet-stream")
        .body(TinyModels.linear(4, 3))
        .post("/api/v1/models/described/versions");
    as("admin").contentType("application/json").body("{\"version\":1}").put(ENDPOINT);
  }

  @Test
  void describesTheApiToWhoeverHasACredential() throws Exception {
    given().get("/q/openapi").then().statusCode(401).body("code", equalTo("UNAUTHENTICATED"));
    as("invoker").get("/q/openapi").then().statusCode(200);

    var document = json("/q/openapi");

    OpenApiRules.check(document);
    assertThat(document.at("/components/schemas/Error/properties/code/enum"))
        .extracting(JsonNode::asText)
        .containsExactly(Arrays.stream(ErrorCode.values()).map(Enum::name).toArray(String[]::new));
  }

  @Test
  void describesOneEndpointWithItsTensors() throws Exception {
    var document = json(ENDPOINT + "/openapi");

    OpenApiRules.check(document);
    assertThat(OpenApiRules.checkExamples(document, document)).isGreaterThan(2);
    assertThat(document.at("/servers/0/url").asText()).isEqualTo("https://ml.example.com");
    var paths = new ArrayList<String>();
    document.at("/paths").fieldNames().forEachRemaining(paths::add);
    assertThat(paths)
        .containsExactly(
            "/v2/models/described",
            "/v2/models/described/ready",
            "/v2/models/described/config",
            "/v2/models/described/infer");
    var input = document.at("/components/schemas/Input1/properties");
    assertThat(input.at("/name/const").asText()).isEqualTo("x");
    assertThat(input.at("/datatype/const").asText()).isEqualTo("FP32");
    assertThat(input.at("/shape/prefixItems/1/const").asInt()).isEqualTo(4);
    assertThat(document.at("/components/schemas/Output1/title").asText()).isEqualTo("y");
    // Only what the endpoint needs.
    assertThat(document.at("/components/schemas").has("ModelDocument")).isFalse();
    as("viewer").get("/api/v1/endpoints/nobody/openapi").then().statusCode(404);
  }

  @Test
  void showsHowAnEndpointIsCalled() throws Exception {
    var document =
        ControlJson.strict().treeToValue(json(ENDPOINT + "/snippets"), SnippetsDocument.class);

    assertThat(document.version()).isEqualTo(1);
    assertThat(document.url()).isEqualTo("https://ml.example.com");
    assertThat(document.snippets())
        .extracting(SnippetsDocument.Snippet::language)
        .containsExactly("curl", "java", "python", "grpcurl");
    assertThat(document.snippets())
        .allSatisfy(it -> assertThat(it.code()).contains("ml.example.com").endsWith("\n"));
    as("viewer")
        .get(ENDPOINT + "/snippets?language=java")
        .then()
        .header("cache-control", "no-store")
        .body("snippets.language", equalTo(List.of("java")));
    as("invoker")
        .accept("text/plain")
        .get(ENDPOINT + "/snippets?language=curl")
        .then()
        .contentType(startsWith("text/plain"))
        .body(containsString("curl -sS"));
    as("viewer")
        .get(ENDPOINT + "/snippets?language=cobol")
        .then()
        .statusCode(400)
        .body("error", containsString("'cobol' (expected: curl, java, python, grpcurl)"));
    as("viewer").get("/api/v1/endpoints/nobody/snippets").then().statusCode(404);
  }

  @Test
  void keepsTheRestFromThoseWhoMayOnlyCall() {
    as("invoker").get(ENDPOINT).then().statusCode(403);
    as("invoker").get(ENDPOINT + "/snippets/more").then().statusCode(403);
    given().get(ENDPOINT + "/snippets").then().statusCode(401);
    given().get("/api/v1/open_inference.proto").then().statusCode(401);
  }

  @Test
  void takesNoAddressThatCouldBeMoreThanOne() {
    given()
        .header("millrace-internal-token", RegistryProfile.TOKEN)
        .header("millrace-internal-roles", "viewer")
        .header("millrace-internal-base-url", "http://a';touch pwned;'")
        .get(ENDPOINT + "/snippets")
        .then()
        .statusCode(200)
        .body("url", equalTo("http://localhost:8080"));
  }

  @Test
  void givesTheProtocolsSource() {
    as("invoker")
        .get("/api/v1/open_inference.proto")
        .then()
        .statusCode(200)
        .body(containsString("service GRPCInferenceService"));
  }

  static List<String> controlPaths() {
    var paths = new TreeSet<String>();
    OpenApiDocument.read("")
        .at("/paths")
        .fieldNames()
        .forEachRemaining(
            it -> {
              if (it.startsWith("/api/") || it.startsWith("/q/")) {
                paths.add(it);
              }
            });
    return List.copyOf(paths);
  }

  @ParameterizedTest
  @MethodSource("controlPaths")
  void namesTheVerbsOfEveryPath(String template) {
    var path = template.replaceAll("\\{[^}]+}", "x");
    var offered = AllowedMethods.at(path);
    assertThat(offered).isNotEmpty();
    as("admin")
        .request("PATCH", path)
        .then()
        .statusCode(405)
        .contentType("application/json")
        .header("allow", offered)
        .body("code", equalTo("METHOD_NOT_ALLOWED"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1",
        "/api/v1/",
        "/api/v1/bogus",
        "/api/v1/models/a/bogus",
        "/api/v1/models/a/versions/1/bogus",
        "/api/v1/models/a/aliases",
        "/api/v1/endpoints/a/bogus",
        "/api/v1/endpoints/a/snippets/bogus",
        "/api/v1/endpoints/a/openapi/bogus",
        "/internal/v1/bogus"
      })
  void hasNothingAtOtherPaths(String path) {
    as("admin")
        .get(path)
        .then()
        .statusCode(404)
        .contentType("application/json")
        .body("code", equalTo("NOT_FOUND"))
        .body("retryable", equalTo(false));
  }
}
