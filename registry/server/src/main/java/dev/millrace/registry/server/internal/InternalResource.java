package dev.millrace.registry.server.internal;

import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.RegistryLink.Audience;
import dev.millrace.protocol.internal.RepositoryChange;
import dev.millrace.registry.Registry;
import dev.millrace.registry.model.NameRule;
import dev.millrace.registry.server.rest.Answers;
import dev.millrace.registry.server.rest.Bodies;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import org.jboss.logging.Logger;

/**
 * What gateways and runtimes of a cluster call; documents of newer processes are read leniently.
 */
@Path("/internal/v1")
@RunOnVirtualThread
public class InternalResource {
  private static final Logger LOG = Logger.getLogger(InternalResource.class);
  private static final int LONGEST_WAIT = 60;

  private final Registry registry;

  /** Routes into {@code registry}. */
  @Inject
  public InternalResource(Registry registry) {
    this.registry = registry;
  }

  /** The next snapshot, or 204 when nothing changed in {@code wait} seconds. */
  @GET
  @Path("/snapshot")
  public Response snapshot(
      @QueryParam("after") @DefaultValue("0") long after,
      @QueryParam("epoch") @DefaultValue("") String epoch,
      @QueryParam("for") @DefaultValue("runtime") String audience,
      @QueryParam("wait") @DefaultValue("0") int wait)
      throws InterruptedException {
    var bounded = Duration.ofSeconds(Math.clamp(wait, 0, LONGEST_WAIT));
    return registry
        .snapshots()
        .await(after, epoch, audience(audience), bounded)
        .map(it -> Answers.json(200, it).build())
        .orElseGet(() -> Response.noContent().build());
  }

  /** Takes a member's report. */
  @PUT
  @Path("/members/{id}")
  public Response report(@PathParam("id") String id, InputStream body) {
    var report = read(body, MemberReport.class);
    if (!id.equals(report.id())) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the report is of member '%s' (expected: '%s', as in the path)",
          NameRule.quoted(String.valueOf(report.id())),
          NameRule.quoted(id));
    }
    if (registry.report(report)) {
      LOG.infof("member reported member=%s replicas=%d", id, report.replicas().size());
    }
    return Response.noContent().build();
  }

  /** Forgets a member. */
  @DELETE
  @Path("/members/{id}")
  public Response leave(@PathParam("id") String id) {
    if (registry.leave(id)) {
      LOG.infof("member left member=%s", id);
    }
    return Response.noContent().build();
  }

  /** Takes a verdict. */
  @PUT
  @Path("/admissions")
  public Response admission(InputStream body) {
    registry.admission(read(body, AdmissionReport.class));
    return Response.noContent().build();
  }

  /** Takes what a runtime measured of an admitted version. */
  @PUT
  @Path("/profiles/{digest}/{hardwareClass}")
  public Response profile(
      @PathParam("digest") String digest,
      @PathParam("hardwareClass") String hardwareClass,
      InputStream body) {
    var measured = read(body, Profile.class);
    if (!digest.equals(measured.digest()) || !hardwareClass.equals(measured.hardwareClass())) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the profile is of '%s' on '%s' (expected: '%s' on '%s', as in the path)",
          NameRule.quoted(String.valueOf(measured.digest())),
          NameRule.quoted(String.valueOf(measured.hardwareClass())),
          NameRule.quoted(digest),
          NameRule.quoted(hardwareClass));
    }
    registry.profiles().take(measured);
    return Response.noContent().build();
  }

  /** Loads or unloads what an endpoint serves, for a caller that the gateway has let through. */
  @POST
  @Path("/repository")
  public Response repository(InputStream body) {
    return Answers.json(200, registry.repository().change(read(body, RepositoryChange.class)))
        .build();
  }

  /** The bytes of an artifact. */
  @GET
  @Path("/artifacts/{digest}")
  public Response artifact(@PathParam("digest") String digest) throws IOException {
    try {
      var size = registry.blobs().size(digest);
      return Response.ok(registry.blobs().open(digest), MediaType.APPLICATION_OCTET_STREAM_TYPE)
          .header("content-length", size.orElseThrow(FileNotFoundException::new))
          .build();
    } catch (FileNotFoundException missing) {
      throw MillraceException.of(
          ErrorCode.NOT_FOUND, "there is no artifact '%s'", NameRule.quoted(digest));
    }
  }

  private static <T> T read(InputStream body, Class<T> type) {
    var bytes = Bodies.bytes(body);
    try {
      return ControlJson.lenient().readValue(bytes, type);
    } catch (IOException malformed) {
      throw MillraceException.of(
              ErrorCode.INVALID_ARGUMENT, "the body is not a " + type.getSimpleName())
          .withCause(malformed);
    }
  }

  private static Audience audience(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "gateway" -> Audience.GATEWAY;
      case "runtime" -> Audience.RUNTIME;
      default ->
          throw MillraceException.of(
              ErrorCode.INVALID_ARGUMENT,
              "for: '%s' (expected: gateway or runtime)",
              NameRule.quoted(text));
    };
  }
}
