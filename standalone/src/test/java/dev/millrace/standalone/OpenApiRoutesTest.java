package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.routing.RequestTarget;
import dev.millrace.registry.server.openapi.OpenApiDocument;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The written description of the API has exactly the routes that the gateway knows. */
class OpenApiRoutesTest {
  /** Verbs by path, parameters filled in. */
  private static final Map<String, Set<String>> WRITTEN = written();

  private static Map<String, Set<String>> written() {
    var paths = new TreeMap<String, Set<String>>();
    for (var path : OpenApiDocument.read("").at("/paths").properties()) {
      var verbs = new TreeSet<String>();
      path.getValue().fieldNames().forEachRemaining(it -> verbs.add(it.toUpperCase(Locale.ROOT)));
      verbs.remove("PARAMETERS");
      paths.put(path.getKey().replaceAll("\\{[^}]+}", "x"), verbs);
    }
    return paths;
  }

  @Test
  void whatIsWrittenIsOfferedWithThoseVerbs() {
    WRITTEN.forEach(
        (path, verbs) -> {
          var target = RequestTarget.parse(path);
          assertThat(target).as(path).isNotInstanceOf(RequestTarget.Unknown.class);
          if (!(target instanceof RequestTarget.Control)) {
            assertThat(verbs).as(path).containsExactlyInAnyOrderElementsOf(target.methods());
          }
        });
  }

  @Test
  void whatIsOfferedIsWritten() {
    var kinds = new HashSet<Class<?>>();
    WRITTEN.keySet().forEach(path -> kinds.add(RequestTarget.parse(path).getClass()));
    // gRPC and its own services have descriptions of their own.
    kinds.add(RequestTarget.GrpcCall.class);
    kinds.add(RequestTarget.StandardCall.class);
    kinds.add(RequestTarget.Unknown.class);
    assertThat(kinds)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.<Class<?>>asList(RequestTarget.class.getPermittedSubclasses()));

    for (var action : RequestTarget.Action.values()) {
      var end =
          action == RequestTarget.Action.METADATA
              ? ""
              : "/" + action.name().toLowerCase(Locale.ROOT);
      assertThat(WRITTEN).containsKeys("/v2/models/x" + end, "/v2/models/x/versions/x" + end);
    }
    for (var task : RequestTarget.TASKS) {
      assertThat(WRITTEN).containsKey("/v1/" + task);
    }
  }
}
