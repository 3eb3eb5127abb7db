package dev.millrace.protocol.error;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Failures as gRPC statuses and back; stateless.
 *
 * <p>The code travels as {@code google.rpc.ErrorInfo} ({@code reason} is the {@link ErrorCode},
 * {@code domain} is {@value #DOMAIN}, {@code metadata} the details as text), the pause as {@code
 * google.rpc.RetryInfo} and a limit as {@code google.rpc.QuotaFailure}, all in the trailer {@code
 * grpc-status-details-bin}.
 */
public final class GrpcErrors {
  /** Whose reasons these are. */
  public static final String DOMAIN = "millrace.dev";

  /** The detail that says whose limit it was, for example {@code project:shop}. */
  public static final String SUBJECT_DETAIL = "subject";

  /**
   * Trailers beyond 8 KiB are dropped by common peers. The message travels twice, and percent
   * encoding makes nine bytes of a character like the euro sign.
   */
  private static final int MESSAGE_LIMIT = 512;

  private static final int DETAIL_LIMIT = 256;

  private GrpcErrors() {}

  /** The failure as the exception that gRPC servers end a call with: status and trailers. */
  public static StatusRuntimeException toException(MillraceException failure) {
    return StatusProto.toStatusRuntimeException(toProto(failure));
  }

  /** The failure's status, with its message as description. */
  public static Status toStatus(MillraceException failure) {
    return Status.fromCodeValue(failure.code().grpcStatus())
        .withDescription(cut(failure.message(), MESSAGE_LIMIT));
  }

  /** The trailers that go with {@link #toStatus}: {@code grpc-status-details-bin}. */
  public static Metadata toTrailers(MillraceException failure) {
    Metadata trailers = toException(failure).getTrailers();
    return trailers == null ? new Metadata() : trailers;
  }

  /** The failure as the message inside the trailer. */
  public static com.google.rpc.Status toProto(MillraceException failure) {
    ErrorInfo.Builder info =
        ErrorInfo.newBuilder().setReason(failure.code().name()).setDomain(DOMAIN);
    for (Map.Entry<String, Object> detail : failure.details().entrySet()) {
      info.putMetadata(detail.getKey(), cut(detail.getValue().toString(), DETAIL_LIMIT));
    }
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(failure.code().grpcStatus())
            .setMessage(cut(failure.message(), MESSAGE_LIMIT))
            .addDetails(Any.pack(info.build()));
    RetryPause.of(failure)
        .ifPresent(
            pause ->
                status.addDetails(
                    Any.pack(
                        RetryInfo.newBuilder()
                            .setRetryDelay(
                                com.google.protobuf.Duration.newBuilder()
                                    .setSeconds(pause.getSeconds())
                                    .setNanos(pause.getNano()))
                            .build())));
    if (failure.code() == ErrorCode.RATE_LIMITED || failure.code() == ErrorCode.QUOTA_EXCEEDED) {
      status.addDetails(Any.pack(violation(failure)));
    }
    return status.build();
  }

  /** Whose limit it was, where the failure says it, and the limit in words. */
  private static QuotaFailure violation(MillraceException failure) {
    Object subject = failure.details().getOrDefault(SUBJECT_DETAIL, "");
    return QuotaFailure.newBuilder()
        .addViolations(
            QuotaFailure.Violation.newBuilder()
                .setSubject(cut(subject.toString(), DETAIL_LIMIT))
                .setDescription(cut(failure.message(), DETAIL_LIMIT)))
        .build();
  }

  /**
   * The failure that an ended call tells of.
   *
   * @param trailers null when there were none
   * @return with the code of our own ErrorInfo; that of the status when it is another server's
   */
  public static MillraceException fromStatus(Status status, @Nullable Metadata trailers) {
    String description = status.getDescription();
    String message =
        description == null || description.isEmpty()
            ? "gRPC status " + status.getCode()
            : description;
    MillraceException failure =
        MillraceException.of(codeOfGrpcStatus(status.getCode().value()), message);
    Metadata given = trailers == null ? new Metadata() : trailers;
    com.google.rpc.Status proto = StatusProto.fromStatusAndTrailers(status, given);
    if (proto != null) {
      for (Any detail : proto.getDetailsList()) {
        failure = merge(failure, detail);
      }
    }
    Throwable cause = status.getCause();
    return cause == null ? failure : failure.withCause(cause);
  }

  /** The failure of a call that ended with {@code exception}. */
  public static MillraceException fromException(StatusRuntimeException exception) {
    return fromStatus(exception.getStatus(), exception.getTrailers());
  }

  private static MillraceException merge(MillraceException failure, Any detail) {
    try {
      if (detail.is(ErrorInfo.class)) {
        return merge(failure, detail.unpack(ErrorInfo.class));
      }
      if (detail.is(RetryInfo.class)) {
        var delay = detail.unpack(RetryInfo.class).getRetryDelay();
        return failure.withRetryAfter(Duration.ofSeconds(delay.getSeconds(), delay.getNanos()));
      }
    } catch (InvalidProtocolBufferException | ArithmeticException foreign) {
      // A detail we cannot read takes nothing away from the status itself.
      return failure;
    }
    return failure;
  }

  private static MillraceException merge(MillraceException failure, ErrorInfo info) {
    if (!info.getDomain().equals(DOMAIN)) {
      return failure;
    }
    MillraceException merged = failure;
    for (ErrorCode code : ErrorCode.values()) {
      if (code.name().equals(info.getReason())) {
        merged = MillraceException.of(code, failure.message());
        Duration pause = failure.retryAfter().orElse(null);
        merged = pause == null ? merged : merged.withRetryAfter(pause);
      }
    }
    for (Map.Entry<String, String> detail : info.getMetadataMap().entrySet()) {
      merged = merged.withDetail(detail.getKey(), detail.getValue());
    }
    return merged;
  }

  /** The code that stands for a {@code google.rpc.Code} when nothing more precise is known. */
  public static ErrorCode codeOfGrpcStatus(int status) {
    return switch (status) {
      case 1 -> ErrorCode.CLIENT_CLOSED;
      case 3, 11 -> ErrorCode.INVALID_ARGUMENT;
      case 4 -> ErrorCode.DEADLINE_EXCEEDED;
      case 5 -> ErrorCode.NOT_FOUND;
      case 6 -> ErrorCode.ALREADY_EXISTS;
      case 7 -> ErrorCode.PERMISSION_DENIED;
      case 8 -> ErrorCode.RATE_LIMITED;
      case 9 -> ErrorCode.MODEL_REJECTED;
      case 10 -> ErrorCode.STALE_REVISION;
      case 12 -> ErrorCode.NOT_IMPLEMENTED;
      case 14 -> ErrorCode.OVERLOADED;
      case 16 -> ErrorCode.UNAUTHENTICATED;
      default -> ErrorCode.INTERNAL;
    };
  }

  private static String cut(String text, int limit) {
    return text.length() <= limit ? text : text.substring(0, limit) + "…";
  }
}
