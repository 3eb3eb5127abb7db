package dev.millrace.protocol.error;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
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

  @ParameterizedTest
  @EnumSource(names = {"RATE_LIMITED", "QUOTA_EXCEEDED"})
  void aLimitAlwaysSaysWhenToComeAgainAndOverGrpcWhoseItWas(ErrorCode code) throws Exception {
    var said =
        MillraceException.of(code, "500 requests a second are allowed to project 'shop'")
            .withDetail(GrpcErrors.SUBJECT_DETAIL, "project:shop")
            .withRetryAfter(Duration.ofMillis(2_100));
    assertThat(RetryPause.header(said)).as("rounded up").contains("3");
    assertThat(RetryPause.header(MillraceException.of(code, "over"))).contains("1");

    var details = GrpcErrors.toProto(said).getDetailsList();
    assertThat(details).hasSize(3);
    assertThat(details.get(0).unpack(ErrorInfo.class).getReason()).isEqualTo(code.name());
    assertThat(details.get(1).unpack(RetryInfo.class).getRetryDelay().getSeconds()).isEqualTo(2);
    var violation = details.get(2).unpack(QuotaFailure.class).getViolations(0);
    assertThat(violation.getSubject()).isEqualTo("project:shop");
    assertThat(violation.getDescription()).isEqualTo(said.message());
    assertThat(GrpcErrors.toProto(MillraceException.of(code, "over")).getDetailsList())
        .as("without a pause of its own")
        .hasSize(3);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"RATE_LIMITED", "QUOTA_EXCEEDED"})
  void otherFailuresHaveAPauseOnlyWhereTheySayOne(ErrorCode code) {
    assertThat(RetryPause.header(MillraceException.of(code, "no"))).isEmpty();
    assertThat(GrpcErrors.toProto(failure(code)).getDetailsList()).hasSize(2);
  }
}
