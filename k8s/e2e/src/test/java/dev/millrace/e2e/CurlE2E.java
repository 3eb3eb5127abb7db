package dev.millrace.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.e2e.support.Fetched;
import dev.millrace.e2e.support.Programs;
import dev.millrace.e2e.support.SharedPlatform;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Plain curl, as in everybody's shell. */
@ExtendWith(SharedPlatform.class)
class CurlE2E {
  private static final String JSON =
      "{\"id\":\"17\",\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[1,2,3,4]}]}";
  private static final int ROWS_OF_A_LARGE_BODY = 100_000;

  @TempDir Path folder;
  private SharedPlatform.Running running;

  @BeforeEach
  void serve(SharedPlatform.Running platform) throws Exception {
    Fetched.program("curl");
    running = platform.serving("linear", TinyModels.linear(4, 3));
  }

  private record Answer(String status, String type, byte[] body) {
    JsonNode json() throws IOException {
      return ControlJson.lenient().readTree(body);
    }

    private void isRight() throws IOException {
      assertThat(status).as("status of %s", new String(body, UTF_8)).isEqualTo("200");
      assertThat(type).isEqualTo("application/json");
      assertThat(json().at("/outputs/0/data").toString()).matches("\\[30(.0)?,61(.0)?,92(.0)?]");
    }
  }

  /** Calls {@code path}; the answer goes to a file, what is printed is about it. */
  private Answer curl(String path, String... arguments) throws Exception {
    Path body = folder.resolve("answer");
    var command = new ArrayList<String>(List.of("curl", "-sS", "-m", "30", "-o", body.toString()));
    command.addAll(List.of("-w", "%{http_code} %{content_type}"));
    command.addAll(List.of("-H", "Authorization: Bearer " + running.platform().key()));
    command.addAll(List.of(arguments));
    command.add(running.platform().url().resolve(path).toString());
    String[] printed =
        Programs.run(folder, running.platform().key(), command.toArray(String[]::new)).split(" ");
    return new Answer(printed[0], printed.length > 1 ? printed[1] : "", Files.readAllBytes(body));
  }

  private Path file(byte[]... parts) throws IOException {
    Path file = folder.resolve("body");
    try (OutputStream out = Files.newOutputStream(file)) {
      for (byte[] part : parts) {
        out.write(part);
      }
    }
    return file;
  }

  private static byte[] row(float... values) {
    var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  @Test
  void dashDSendsAFormTypeAndIsAnswered() throws Exception {
    Answer answer = curl("/v2/models/linear/infer", "-d", JSON);
    answer.isRight();
    assertThat(answer.json().path("id").asText()).isEqualTo("17");
    curl("/v2/models/linear/infer", "-d", JSON, "-H", "Content-Type: application/json").isRight();
    curl("/v2/models/linear/infer", "-d", JSON, "--http2-prior-knowledge").isRight();
    curl("/v2/models/linear/infer", "-d", JSON, "--http2").isRight();
    curl("/v2/models/linear/infer", "-d", JSON, "-H", "Transfer-Encoding: chunked").isRight();
  }

  @Test
  void aRawBodyIsTheOnlyInput() throws Exception {
    Answer answer =
        curl(
            "/v2/models/linear/infer",
            "-H",
            "Inference-Header-Content-Length: 0",
            "--data-binary",
            "@" + file(row(1, 2, 3, 4)));
    assertThat(answer.status()).isEqualTo("200");
    assertThat(answer.type()).isEqualTo("application/octet-stream");
    assertThat(answer.body()).endsWith(row(30, 61, 92));
  }

  @Test
  void jsonThenBytes() throws Exception {
    byte[] head =
        ("{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,4],"
                + "\"parameters\":{\"binary_data_size\":16}}]}")
            .getBytes(UTF_8);
    curl(
            "/v2/models/linear/infer",
            "-H",
            "Inference-Header-Content-Length: " + head.length,
            "-H",
            "Content-Type: application/octet-stream",
            "--data-binary",
            "@" + file(head, row(1, 2, 3, 4)))
        .isRight();
  }

  @Test
  void gzipBothWays() throws Exception {
    Path body = folder.resolve("body.gz");
    try (var out = new GZIPOutputStream(Files.newOutputStream(body))) {
      out.write(JSON.getBytes(UTF_8));
    }
    curl(
            "/v2/models/linear/infer",
            "-H",
            "Content-Encoding: gzip",
            "--compressed",
            "--data-binary",
            "@" + body)
        .isRight();
  }

  /** curl asks before it sends a megabyte ({@code Expect: 100-continue}). */
  @Test
  void aLargeBodyIsAskedForAndAnswered() throws Exception {
    byte[] head =
        ("{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":["
                + ROWS_OF_A_LARGE_BODY
                + ",4],\"parameters\":{\"binary_data_size\":"
                + 16 * ROWS_OF_A_LARGE_BODY
                + "}}]}")
            .getBytes(UTF_8);
    byte[] rows = new byte[16 * ROWS_OF_A_LARGE_BODY];
    System.arraycopy(row(1, 2, 3, 4), 0, rows, rows.length - 16, 16);
    Answer answer =
        curl(
            "/v2/models/linear/infer",
            "-H",
            "Expect: 100-continue",
            "-H",
            "Inference-Header-Content-Length: " + head.length,
            "--data-binary",
            "@" + file(head, rows));
    assertThat(answer.status()).isEqualTo("200");
    assertThat(answer.body())
        .hasSizeGreaterThan(12 * ROWS_OF_A_LARGE_BODY)
        .endsWith(row(30, 61, 92));
  }

  @Test
  void whatIsWrongIsToldInTheProtocolsForm() throws Exception {
    Answer malformed = curl("/v2/models/linear/infer", "-d", "{\"inputs\":[");
    assertThat(malformed.status()).isEqualTo("400");
    assertThat(malformed.json().path("code").asText()).isEqualTo("INVALID_ARGUMENT");
    Answer unknown = curl("/v2/models/no-such/infer", "-d", JSON);
    assertThat(unknown.status()).isEqualTo("404");
    assertThat(unknown.json().path("error").asText()).contains("no-such");
    assertThat(curl("/v2/models/linear/infer", "-X", "PUT", "-d", JSON).status()).isEqualTo("405");
    assertThat(curl("/v2/models/linear/infer", "-d", JSON, "-H", "Content-Encoding: br").status())
        .isEqualTo("415");
    assertThat(curl("/v2/health/live").status()).isEqualTo("200");
    assertThat(curl("/v2/models/linear").json().path("platform").asText()).isNotEmpty();
  }
}
