package dev.millrace.registry.snippet;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.SnippetsDocument;
import dev.millrace.protocol.control.SnippetsDocument.Snippet;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.endpoint.Endpoints;
import dev.millrace.registry.sample.SampleRequest;
import dev.millrace.registry.version.Profiles;
import dev.millrace.registry.version.Versions;
import java.util.List;

/** Snippets of the version that has most of an endpoint's traffic. Thread-safe. */
public final class Snippets {
  private final Endpoints endpoints;
  private final Versions versions;
  private final Profiles profiles;

  /** Reads only. */
  public Snippets(Endpoints endpoints, Versions versions, Profiles profiles) {
    this.endpoints = endpoints;
    this.versions = versions;
    this.profiles = profiles;
  }

  /**
   * What is served, and a request that it answers.
   *
   * @param version with its signature
   */
  public record Served(VersionDocument version, EndpointCall call) {}

  /**
   * The version that callers reach, or will reach.
   *
   * @throws MillraceException NOT_FOUND without the endpoint
   */
  public Served served(String project, String endpoint, PlatformUrl baseUrl) {
    var version = versions.get(endpoints.mainVersion(project, endpoint));
    var sample = SampleRequest.of(version.signature(), freeSize(version));
    return new Served(
        version,
        new EndpointCall(baseUrl, endpoint, version.manifest(), version.signature(), sample));
  }

  /** The snippets of those languages. */
  public SnippetsDocument of(
      String project, String endpoint, PlatformUrl baseUrl, List<SnippetLanguage> languages) {
    var served = served(project, endpoint, baseUrl);
    var snippets =
        languages.stream()
            .map(it -> new Snippet(it.word(), it.title(), it.file(), code(it, served.call())))
            .toList();
    var version = served.version();
    return new SnippetsDocument(
        endpoint, version.version(), version.manifest().task(), baseUrl.text(), snippets);
  }

  /** The code of one language. */
  public static String code(SnippetLanguage language, EndpointCall call) {
    return switch (language) {
      case CURL -> CurlSnippet.of(call);
      case JAVA -> JavaSnippet.of(call);
      case PYTHON -> PythonSnippet.of(call);
      case GRPCURL -> GrpcurlSnippet.of(call);
    };
  }

  /** The smallest length that admission ran, so that the sample's shape is one that works. */
  private int freeSize(VersionDocument version) {
    try {
      return profiles.get(version, null).latency().stream()
          .mapToInt(Profile.Latency::length)
          .filter(length -> length > 0)
          .min()
          .orElse(SampleRequest.FREE_SIZE);
    } catch (MillraceException notMeasured) {
      if (notMeasured.code() != ErrorCode.NOT_FOUND) {
        throw notMeasured;
      }
      return SampleRequest.FREE_SIZE;
    }
  }
}
