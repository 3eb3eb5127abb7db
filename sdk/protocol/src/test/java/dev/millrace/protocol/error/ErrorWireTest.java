package dev.millrace.protocol.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every failure survives the wire: server to HTTP or gRPC and back to the client. */
class ErrorWireTest {
  private static MillraceException failure(ErrorCode code) {
    return MillraceException.of(code, "input 'x' is \"odd\": ü")
        .withDetail("stage", "queue")
        .withRetryAfter(Duration.ofSeconds(3));
  }

  @ParameterizedTest
  @EnumSource
  void overHttp(ErrorCode code) {
    MillraceException sent = failure(code);
    byte[] body = ErrorJson.write(sent);
    MillraceException got = ErrorJson.toException(code.httpStatus(), ByteBuffer.wrap(body), "3");
    assertThat(got.code()).isEqualTo(code);
    assertThat(got.message()).isEqualTo(sent.message());
    assertThat(got.details()).isEqualTo(sent.details());
    assertThat(got.retryAfter()).contains(Duration.ofSeconds(3));
    assertThat(ErrorJson.read(ByteBuffer.wrap(body), code.httpStatus()))
        .isEqualTo(ErrorBody.of(sent));
  }

  @ParameterizedTest
  @EnumSource
  void overGrpc(ErrorCode code) {
    MillraceException sent = failure(code);
    Status status = GrpcErrors.toStatus(sent);
    assertThat(status.getCode().value()).isEqualTo(code.grpcStatus());
    MillraceException got = GrpcErrors.fromStatus(status, GrpcErrors.toTrailers(sent));
    assertThat(got.code()).isEqualTo(code);
    assertThat(got.message()).isEqualTo(sent.message());
    assertThat(got.details()).isEqualTo(sent.details());
    assertThat(got.retryAfter()).contains(Duration.ofSeconds(3));
    assertThat(GrpcErrors.fromException(GrpcErrors.toException(sent)).code()).isEqualTo(code);
  }

  @ParameterizedTest
  @EnumSource
  void aForeignServersStatusDecides(ErrorCode code) {
    ErrorCode byHttp = ErrorJson.codeOfHttpStatus(code.httpStatus());
    assertThat(byHttp.httpStatus()).isEqualTo(code.httpStatus());
    ErrorCode byGrpc = GrpcErrors.codeOfGrpcStatus(code.grpcStatus());
    assertThat(byGrpc.grpcStatus()).isEqualTo(code.grpcStatus());
    MillraceException foreign =
        GrpcErrors.fromStatus(Status.fromCodeValue(code.grpcStatus()), null);
    assertThat(foreign.code()).isEqualTo(byGrpc);
    assertThat(foreign.message()).startsWith("gRPC status ");
  }

  @Test
  void theJsonBodyHasFourFields() {
    MillraceException failure =
        MillraceException.of(ErrorCode.OVERLOADED, "full").withDetail("depth", 5);
    assertThat(new String(ErrorJson.write(failure), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"error\":\"full\",\"code\":\"OVERLOADED\",\"retryable\":true,\"details\":{\"depth\":5}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<html>Bad Gateway</html>|502|OVERLOADED|<html>Bad Gateway</html>",
        "''|404|NOT_FOUND|HTTP status 404 without a body",
        "{\"error\":\"model missing\"}|404|NOT_FOUND|model missing",
        "{\"error\":\"teapot\",\"code\":\"TEAPOT\"}|418|INVALID_ARGUMENT|teapot",
        "[1]|500|INTERNAL|[1]",
      })
  void readsForeignBodies(String body, int status, ErrorCode code, String message) {
    MillraceException got =
        ErrorJson.toException(
            status, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), "Wed, 21 Oct");
    assertThat(got.code()).isEqualTo(code);
    assertThat(got.message()).isEqualTo(message);
    assertThat(got.retryAfter()).isEmpty();
  }

  @Test
  void aDetailThatIsNoJsonValueDoesNotHideTheError() {
    byte[] body =
        ErrorJson.write(
            MillraceException.of(ErrorCode.INTERNAL, "bug").withDetail("thread", new Object()));
    assertThat(new String(body, StandardCharsets.UTF_8)).contains("\"error\":\"bug\"");
  }

  @Test
  void longMessagesAreCutToFitTrailers() {
    MillraceException sent =
        MillraceException.of(ErrorCode.INVALID_ARGUMENT, "x".repeat(100_000))
            .withDetail("list", List.of("y".repeat(10_000)));
    Metadata trailers = GrpcErrors.toTrailers(sent);
    byte[] details =
        trailers.get(Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER));
    assertThat(details).hasSizeLessThan(2_000);
    assertThat(GrpcErrors.toStatus(sent).getDescription()).hasSizeLessThan(1_100);
  }
}
