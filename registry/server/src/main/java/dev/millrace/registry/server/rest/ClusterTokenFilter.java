package dev.millrace.registry.server.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.registry.server.config.RegistrySettings;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;
import java.security.MessageDigest;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The registry is never open: every call proves by the cluster token that it comes from a process
 * of the cluster, and control calls carry the roles that the gateway found in the caller's
 * credential. Reading needs any control role; writing needs deployer or admin. Descriptions of the
 * API are for every credential.
 */
@Provider
@PreMatching
public class ClusterTokenFilter implements ContainerRequestFilter {
  private static final Set<String> READERS = Set.of("viewer", "deployer", "admin");
  private static final Set<String> WRITERS = Set.of("deployer", "admin");
  private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");

  /** How the platform is called: for whoever may call it, and so for every credential. */
  private static final Pattern DESCRIPTIONS =
      Pattern.compile(
          "/q/openapi|/api/v1/open_inference\\.proto|/api/v1/endpoints/[^/]+/(snippets|openapi)");

  private final Instance<RegistrySettings> settings;

  /** Compares with the token in {@code settings}, asked late: filters are made before settings. */
  @Inject
  public ClusterTokenFilter(Instance<RegistrySettings> settings) {
    this.settings = settings;
  }

  @Override
  public void filter(ContainerRequestContext request) {
    var path = request.getUriInfo().getPath();
    boolean described = DESCRIPTIONS.matcher(path).matches();
    boolean control = path.startsWith("/api/v1") && !described;
    if (!control && !described && !path.startsWith("/internal/v1")) {
      return;
    }
    try {
      checkToken(request);
      if (control) {
        checkRoles(request);
      }
    } catch (MillraceException refused) {
      request.abortWith(Answers.failure(refused).build());
    }
  }

  private void checkToken(ContainerRequestContext request) {
    var sent = request.getHeaderString(MillraceHeaders.INTERNAL_TOKEN);
    var token = settings.get().clusterToken().getBytes(UTF_8);
    if (sent == null || !MessageDigest.isEqual(token, sent.getBytes(UTF_8))) {
      throw MillraceException.of(
          ErrorCode.UNAUTHENTICATED,
          "the registry answers processes of its cluster only (expected: calls through the"
              + " gateway)");
    }
  }

  private static void checkRoles(ContainerRequestContext request) {
    var header = request.getHeaderString(MillraceHeaders.INTERNAL_ROLES);
    var roles =
        Stream.of((header == null ? "" : header).split(","))
            .map(String::strip)
            .collect(Collectors.toSet());
    var needed = READS.contains(request.getMethod()) ? READERS : WRITERS;
    if (roles.stream().noneMatch(needed::contains)) {
      throw MillraceException.of(
          ErrorCode.PERMISSION_DENIED,
          "the credential may not %s (expected: one of the roles %s)",
          needed == READERS ? "read here" : "change anything",
          needed.stream().sorted().collect(Collectors.joining(", ")));
    }
  }
}
