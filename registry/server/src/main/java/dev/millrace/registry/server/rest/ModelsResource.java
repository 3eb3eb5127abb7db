package dev.millrace.registry.server.rest;

import dev.millrace.protocol.control.AliasDocument;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.Registry;
import dev.millrace.registry.artifact.Sha256;
import dev.millrace.registry.model.ModelKey;
import dev.millrace.registry.model.NameRule;
import dev.millrace.registry.paging.PageRequest;
import dev.millrace.registry.server.lifecycle.RegistryMetrics;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Models, their versions and the labels on them. */
@Path("/api/v1/models")
@RunOnVirtualThread
public class ModelsResource {
  private static final Pattern SHA_256 = Pattern.compile("sha-256=:([A-Za-z0-9+/]{43}=):");

  private static final String VALIDATE = ":validate";

  private final Registry registry;
  private final RegistryMetrics metrics;

  /** Routes into {@code registry}. */
  @Inject
  public ModelsResource(Registry registry, RegistryMetrics metrics) {
    this.registry = registry;
    this.metrics = metrics;
  }

  /** Models of the caller's project. */
  @GET
  public Response list(
      @Context HttpHeaders headers,
      @QueryParam("pageSize") @Nullable Integer pageSize,
      @QueryParam("pageToken") @Nullable String pageToken) {
    var page = PageRequest.of(pageSize, pageToken);
    return Answers.json(200, registry.models().list(Caller.of(headers).project(), page)).build();
  }

  /** One model. */
  @GET
  @Path("/{model}")
  public Response get(@Context HttpHeaders headers, @PathParam("model") String model) {
    return Answers.json(200, registry.models().get(key(headers, model))).build();
  }

  /** Deletes a model without versions. */
  @DELETE
  @Path("/{model}")
  public Response delete(@Context HttpHeaders headers, @PathParam("model") String model) {
    registry.models().delete(key(headers, model));
    return Response.noContent().build();
  }

  /** Versions, the newest first. */
  @GET
  @Path("/{model}/versions")
  public Response versions(
      @Context HttpHeaders headers,
      @PathParam("model") String model,
      @QueryParam("pageSize") @Nullable Integer pageSize,
      @QueryParam("pageToken") @Nullable String pageToken) {
    var page = PageRequest.of(pageSize, pageToken);
    return Answers.json(200, registry.versions().list(key(headers, model), page)).build();
  }

  /** Takes an upload: 201 with the new version, 200 with the one that has the same files. */
  @POST
  @Path("/{model}/versions")
  public Response upload(
      @Context HttpHeaders headers, @PathParam("model") String model, InputStream body)
      throws IOException {
    var key = key(headers, model);
    var digest = expectedDigest(headers);
    registry.uploads().checkAnnounced(Bodies.announcedLength(headers));
    var uploaded = registry.uploads().upload(key, Bodies.upload(headers, body), digest);
    metrics.uploaded(uploaded);
    var version = uploaded.version();
    return Answers.json(uploaded.created() ? 201 : 200, version)
        .header("location", "/api/v1/models/" + model + "/versions/" + version.version())
        .build();
  }

  /** One version, by number or alias. */
  @GET
  @Path("/{model}/versions/{version}")
  public Response version(
      @Context HttpHeaders headers,
      @PathParam("model") String model,
      @PathParam("version") String version) {
    return Answers.json(200, registry.versions().get(key(headers, model), version)).build();
  }

  /**
   * Verbs on a version: {@code POST /versions/VERSION:validate} asks for another verdict, 202 with
   * the version as it is now.
   */
  @POST
  @Path("/{model}/versions/{call}")
  public Response call(
      @Context HttpHeaders headers,
      @PathParam("model") String model,
      @PathParam("call") String call) {
    if (!call.endsWith(VALIDATE)) {
      throw MillraceException.of(
          ErrorCode.NOT_FOUND,
          "there is no call '%s' (expected: VERSION:validate)",
          NameRule.quoted(call));
    }
    var version = call.substring(0, call.length() - VALIDATE.length());
    var found = registry.versions().get(key(headers, model), version);
    var asked = registry.validations().ask(found, Caller.of(headers).actor());
    return Answers.json(202, asked).build();
  }

  /** Inputs and outputs of one version. */
  @GET
  @Path("/{model}/versions/{version}/signature")
  public Response signature(
      @Context HttpHeaders headers,
      @PathParam("model") String model,
      @PathParam("version") String version) {
    var found = registry.versions().get(key(headers, model), version);
    return Answers.json(200, found.signature()).build();
  }

  /** What was measured of one version, on {@code hardwareClass} or, without one, last. */
  @GET
  @Path("/{model}/versions/{version}/profile")
  public Response profile(
      @Context HttpHeaders headers,
      @PathParam("model") String model,
      @PathParam("version") String version,
      @QueryParam("hardwareClass") @Nullable String hardwareClass) {
    var found = registry.versions().get(key(headers, model), version);
    return Answers.json(200, registry.profiles().get(found, hardwareClass)).build();
  }

  /** A file of one version. */
  @GET
  @Path("/{model}/versions/{version}/artifacts/{name}")
  public Response artifact(
      @Context HttpHeaders headers,
      @PathParam("model") String model,
      @PathParam("version") String version,
      @PathParam("name") String name)
      throws IOException {
    var found = registry.versions().get(key(headers, model), version);
    var artifact = registry.versions().artifact(found, name);
    var hash = HexFormat.of().parseHex(Sha256.hex(artifact.digest()));
    return Response.ok(
            registry.blobs().open(artifact.digest()), MediaType.APPLICATION_OCTET_STREAM_TYPE)
        .header("content-length", artifact.size())
        .header("repr-digest", "sha-256=:" + Base64.getEncoder().encodeToString(hash) + ":")
        .header("content-disposition", "attachment; filename=\"" + artifact.name() + "\"")
        .build();
  }

  /** Deletes a version that nothing uses. */
  @DELETE
  @Path("/{model}/versions/{version}")
  public Response deleteVersion(
      @Context HttpHeaders headers,
      @PathParam("model") String model,
      @PathParam("version") String version)
      throws IOException {
    var found = registry.versions().get(key(headers, model), version);
    registry.versions().delete(new VersionKey(found.project(), found.model(), found.version()));
    return Response.noContent().build();
  }

  /** One alias. */
  @GET
  @Path("/{model}/aliases/{alias}")
  public Response alias(
      @Context HttpHeaders headers,
      @PathParam("model") String model,
      @PathParam("alias") String alias) {
    var found = registry.aliases().get(key(headers, model), alias);
    return Answers.json(200, found, found.revision()).build();
  }

  /** Makes or moves an alias; {@code If-Match} makes it a compare-and-set. */
  @PUT
  @Path("/{model}/aliases/{alias}")
  public Response putAlias(
      @Context HttpHeaders headers,
      @PathParam("model") String model,
      @PathParam("alias") String alias,
      InputStream body) {
    var wanted = Bodies.document(headers, body, AliasDocument.class);
    if (wanted.alias() != null && !wanted.alias().equals(alias)) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "alias: '%s' in the body (expected: '%s', as in the path)",
          wanted.alias(),
          alias);
    }
    var moved =
        registry
            .aliases()
            .move(key(headers, model), alias, wanted.version(), Preconditions.expected(headers));
    return Answers.json(200, moved, moved.revision()).build();
  }

  /** Removes an alias. */
  @DELETE
  @Path("/{model}/aliases/{alias}")
  public Response deleteAlias(
      @Context HttpHeaders headers,
      @PathParam("model") String model,
      @PathParam("alias") String alias) {
    registry.aliases().remove(key(headers, model), alias, Preconditions.expected(headers));
    return Response.noContent().build();
  }

  private static ModelKey key(HttpHeaders headers, String model) {
    return ModelKey.of(Caller.of(headers).project(), model);
  }

  private static byte @Nullable [] expectedDigest(HttpHeaders headers) {
    var header = Bodies.header(headers, "repr-digest");
    if (header.isEmpty()) {
      return null;
    }
    var digest = SHA_256.matcher(header);
    if (!digest.find()) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "repr-digest names no digest that is known here (expected: sha-256=:BASE64:)");
    }
    return Base64.getDecoder().decode(digest.group(1));
  }
}
