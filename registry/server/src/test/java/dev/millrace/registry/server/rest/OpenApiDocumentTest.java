package dev.millrace.registry.server.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.protocol.control.AliasDocument;
import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.EndpointDocument;
import dev.millrace.protocol.control.EndpointRevision;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.EndpointStatus;
import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.control.ModelDocument;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Page;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.SnippetsDocument;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.error.ErrorBody;
import dev.millrace.protocol.oip.ModelMetadata;
import dev.millrace.protocol.oip.ServerMetadata;
import dev.millrace.protocol.oip.TensorMetadata;
import dev.millrace.registry.server.openapi.OpenApiDocument;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The written description is what the code does. */
class OpenApiDocumentTest {
  private static final List<Class<? extends Record>> DOCUMENTS =
      List.of(
          ModelDocument.class,
          VersionDocument.class,
          VersionDocument.OnnxFormat.class,
          Artifact.class,
          ModelManifest.class,
          Signature.class,
          TensorSignature.class,
          Profile.class,
          Profile.Footprint.class,
          Profile.Latency.class,
          Profile.Invariance.class,
          Profile.Recommendation.class,
          AliasDocument.class,
          TrafficTarget.class,
          EndpointSpec.class,
          ServingSpec.class,
          ServingSpec.Slo.class,
          EndpointStatus.class,
          EndpointDocument.class,
          EndpointRevision.class,
          EventDocument.class,
          SnippetsDocument.class,
          SnippetsDocument.Snippet.class,
          Page.class,
          ServerMetadata.class,
          ModelMetadata.class,
          TensorMetadata.class);

  private final ObjectNode document = OpenApiDocument.read("1.2.3");

  @Test
  void isValidAndItsExamplesToo() throws Exception {
    OpenApiRules.check(document);
    assertThat(OpenApiRules.checkExamples(document, document)).isGreaterThan(10);
    assertThat(document.at("/info/version").asText()).isEqualTo("1.2.3");
  }

  @Test
  void everyOperationHasItsOwnName() {
    var names = new ArrayList<String>();
    document
        .at("/paths")
        .forEach(path -> path.forEach(it -> names.add(it.path("operationId").asText())));
    names.removeIf(String::isEmpty);
    assertThat(names).doesNotHaveDuplicates().hasSizeGreaterThan(30);
  }

  @Test
  void hasExactlyTheRoutesOfTheControlApi() {
    var written = new TreeSet<String>();
    for (var path : document.at("/paths").properties()) {
      // Verbs on an endpoint are one route of the framework.
      var template = path.getKey().replaceAll("\\{[^}]+}(:[a-z]+)?", "{}");
      if (template.startsWith("/api/") || template.startsWith("/q/")) {
        verbs(path.getValue()).forEach(verb -> written.add(verb + " " + template));
      }
    }
    var real = new TreeSet<String>();
    for (var route : AllowedMethods.routes()) {
      if (!route.template().startsWith("/internal/")) {
        real.add(route.verb() + " " + route.template().replaceAll("\\{[^}]+}", "{}"));
      }
    }

    assertThat(written).isEqualTo(real);
  }

  @Test
  void hasExactlyTheFieldsOfTheDocuments() {
    for (var type : DOCUMENTS) {
      assertThat(fields(type.getSimpleName())).as(type.getSimpleName()).isEqualTo(components(type));
    }
    assertThat(fields("Error")).isEqualTo(components(ErrorBody.class));
  }

  @Test
  void namesTheParametersOfItsPaths() {
    for (var path : document.at("/paths").properties()) {
      var declared = new HashMap<String, String>();
      path.getValue()
          .path("parameters")
          .forEach(
              it -> {
                var parameter =
                    it.has("$ref") ? document.at(it.get("$ref").asText().substring(1)) : it;
                declared.put(parameter.get("name").asText(), parameter.get("in").asText());
              });
      var named = new HashMap<String, String>();
      var matcher = java.util.regex.Pattern.compile("\\{([^}]+)}").matcher(path.getKey());
      while (matcher.find()) {
        named.put(matcher.group(1), "path");
      }
      assertThat(declared).as(path.getKey()).isEqualTo(Map.copyOf(named));
    }
  }

  private static Set<String> verbs(com.fasterxml.jackson.databind.JsonNode path) {
    var verbs = new TreeSet<String>();
    path.fieldNames().forEachRemaining(it -> verbs.add(it.toUpperCase(Locale.ROOT)));
    verbs.remove("PARAMETERS");
    return verbs;
  }

  private Set<String> fields(String schema) {
    var fields = new TreeSet<String>();
    document
        .at("/components/schemas/" + schema + "/properties")
        .fieldNames()
        .forEachRemaining(fields::add);
    return fields;
  }

  private static Set<String> components(Class<? extends Record> type) {
    var names = new TreeSet<String>();
    Arrays.stream(type.getRecordComponents())
        .filter(it -> it.getAnnotation(JsonIgnore.class) == null)
        .map(RecordComponent::getName)
        .forEach(names::add);
    return names;
  }
}
