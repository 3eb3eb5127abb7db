package dev.millrace.registry.server.rest;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import jakarta.inject.Singleton;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Every failure of a REST call as the one error body; what nobody foresaw is INTERNAL. */
@Singleton
public class ErrorMapper {
  private static final Logger LOG = Logger.getLogger(ErrorMapper.class);

  /** The answer that tells of {@code failure}. */
  @ServerExceptionMapper
  public Response map(Throwable failure, ContainerRequestContext request) {
    return switch (failure) {
      case MillraceException known -> known(known, request);
      case WebApplicationException web -> web(web, request);
      default -> internal(failure, request);
    };
  }

  private static Response known(MillraceException failure, ContainerRequestContext request) {
    if (failure.code() == ErrorCode.INTERNAL) {
      return internal(failure, request);
    }
    LOG.debugf("%s: %s", failure.code(), failure.message());
    return Answers.failure(failure).build();
  }

  private static Response web(WebApplicationException failure, ContainerRequestContext request) {
    var response = failure.getResponse();
    if (response.getStatus() < 400) {
      return response;
    }
    if (failure instanceof NotFoundException && failure.getCause() != null) {
      // How the framework tells of a query parameter that its type cannot hold.
      return Answers.failure(
              MillraceException.of(
                  ErrorCode.INVALID_ARGUMENT,
                  "a query parameter of '%s' is not valid (expected: whole numbers)",
                  request.getUriInfo().getPath()))
          .build();
    }
    var code = code(response.getStatus());
    if (code == ErrorCode.INTERNAL) {
      return internal(failure, request);
    }
    var allowed = AllowedMethods.at(request.getUriInfo().getPath());
    if (code == ErrorCode.NOT_FOUND && !allowed.isEmpty()) {
      // Where the paths of two resources begin alike, the framework forgets that one had the path.
      code = ErrorCode.METHOD_NOT_ALLOWED;
    }
    var answer = Answers.failure(MillraceException.of(code, sentence(code, request)));
    if (code == ErrorCode.METHOD_NOT_ALLOWED) {
      answer.header("allow", allowed);
    }
    return answer.build();
  }

  private static Response internal(Throwable failure, ContainerRequestContext request) {
    var id = RequestIdFilter.id(request);
    LOG.errorf(failure, "a call failed requestId=%s", id);
    return Answers.failure(
            MillraceException.of(ErrorCode.INTERNAL, "the registry failed; quote request id %s", id)
                .withDetail("requestId", id))
        .build();
  }

  private static String sentence(ErrorCode code, ContainerRequestContext request) {
    var path = request.getUriInfo().getPath();
    return switch (code) {
      case NOT_FOUND -> "there is nothing at '%s'".formatted(path);
      case METHOD_NOT_ALLOWED -> "%s is not offered at '%s'".formatted(request.getMethod(), path);
      case UNSUPPORTED_MEDIA -> "this content type is not taken at '%s'".formatted(path);
      case PAYLOAD_TOO_LARGE -> "the body is too large";
      default -> "the request to '%s' is malformed".formatted(path);
    };
  }

  private static ErrorCode code(int status) {
    if (status == 406) {
      return ErrorCode.UNSUPPORTED_MEDIA;
    }
    return Arrays.stream(ErrorCode.values())
        .filter(it -> it.httpStatus() == status)
        .findFirst()
        .orElse(status < 500 ? ErrorCode.INVALID_ARGUMENT : ErrorCode.INTERNAL);
  }
}
