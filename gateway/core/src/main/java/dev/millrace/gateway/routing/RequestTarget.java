package dev.millrace.gateway.routing;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a path addresses. Parsing is pure and closed: whatever is not one of these does not exist on
 * the data port.
 */
public sealed interface RequestTarget {
  /** {@code /v2/health/live}. */
  record Live() implements RequestTarget {}

  /** {@code /v2/health/ready}. */
  record Ready() implements RequestTarget {}

  /** {@code /v2}. */
  record ServerInfo() implements RequestTarget {}

  /**
   * {@code /v2/models/{m}[/versions/{v}][/infer|ready|config]}.
   *
   * @param version a version or alias; null to follow the traffic
   */
  record ModelCall(String endpoint, @Nullable String version, Action action)
      implements RequestTarget {}

  /**
   * {@code /v2/models[/{m}[/versions/{v}]]/stats}.
   *
   * @param endpoint null for all that the caller may see
   * @param version a version or alias; null for all that serve
   */
  record Statistics(@Nullable String endpoint, @Nullable String version) implements RequestTarget {}

  /**
   * {@code /v2/repository[/{repository}]/index}.
   *
   * @param repository the caller's project; null, which means the same, where the path names none
   */
  record RepositoryList(@Nullable String repository) implements RequestTarget {}

  /** {@code /v2/repository[/{repository}]/models/{m}/load} and {@code unload}. */
  record RepositoryModel(@Nullable String repository, String model, boolean load)
      implements RequestTarget {}

  /** {@code /v1/models[/{m}]}; the model is null for the list. */
  record OpenAiModels(@Nullable String model) implements RequestTarget {}

  /**
   * An OpenAI-style task whose body names the model.
   *
   * @param path without KServe's {@code /openai} prefix
   */
  record OpenAiCall(String path) implements RequestTarget {}

  /**
   * {@code /api/v1/…}.
   *
   * @param collection the first segment after it, possibly empty
   */
  record Control(String collection) implements RequestTarget {}

  /** {@code /q/openapi}: the description of all of these, which the registry keeps. */
  record ApiDescription() implements RequestTarget {}

  /** A call of {@code inference.GRPCInferenceService}. */
  record GrpcCall(GrpcMethod method) implements RequestTarget {}

  /** A call of one of gRPC's own services. */
  record StandardCall(StandardMethod method) implements RequestTarget {}

  /** Nothing. */
  record Unknown() implements RequestTarget {}

  /** The calls of {@code inference.GRPCInferenceService} that exist. */
  enum GrpcMethod {
    SERVER_LIVE("ServerLive"),
    SERVER_READY("ServerReady"),
    SERVER_METADATA("ServerMetadata"),
    MODEL_READY("ModelReady"),
    MODEL_METADATA("ModelMetadata"),
    MODEL_CONFIG("ModelConfig"),
    MODEL_STATISTICS("ModelStatistics"),
    REPOSITORY_INDEX("RepositoryIndex"),
    REPOSITORY_MODEL_LOAD("RepositoryModelLoad"),
    REPOSITORY_MODEL_UNLOAD("RepositoryModelUnload"),
    MODEL_INFER("ModelInfer"),
    MODEL_STREAM_INFER("ModelStreamInfer");

    private static final String SERVICE = "/inference.GRPCInferenceService/";
    private static final Map<String, RequestTarget> BY_PATH =
        Arrays.stream(values())
            .collect(Collectors.toMap(method -> SERVICE + method.rpc, GrpcCall::new));

    private final String rpc;

    GrpcMethod(String rpc) {
      this.rpc = rpc;
    }
  }

  /** What a model is asked for. */
  enum Action {
    METADATA("GET"),
    READY("GET"),
    CONFIG("GET"),
    INFER("POST");

    private final String method;

    Action(String method) {
      this.method = method;
    }
  }

  /** What the path of every call to a model begins with. */
  String MODELS = "/v2/models/";

  /** How the path of an inference ends. */
  String INFER_END = "/infer";

  /** Text tasks that exist on {@code /v1}. */
  Set<String> TASKS = Set.of("embeddings", "rerank", "classify", "tokenize");

  /** Verbs that the target takes; empty for any. */
  default List<String> methods() {
    return switch (this) {
      case ModelCall call -> List.of(call.action().method);
      case OpenAiCall call -> List.of("POST");
      case RepositoryList index -> List.of("POST");
      case RepositoryModel model -> List.of("POST");
      case GrpcCall call -> List.of("POST");
      case StandardCall call -> List.of("POST");
      case Control control -> List.of();
      case Unknown unknown -> List.of();
      default -> List.of("GET");
    };
  }

  /** Whether errors take OpenAI's form. */
  default boolean openAi() {
    return this instanceof OpenAiCall || this instanceof OpenAiModels;
  }

  /** What a gRPC call's path, {@code /service/method}, addresses. */
  static RequestTarget parseGrpc(String path) {
    var call = GrpcMethod.BY_PATH.get(path);
    if (call != null) {
      return call;
    }
    var standard = StandardMethod.at(path);
    return standard == null ? new Unknown() : new StandardCall(standard);
  }

  /**
   * What {@code path} addresses.
   *
   * @param path as sent, percent-encoded, without the query
   */
  static RequestTarget parse(String path) {
    if (path.length() < 2 || path.charAt(0) != '/') {
      return new Unknown();
    }
    var plain = plainInfer(path);
    if (plain != null) {
      return plain;
    }
    var segments = path.substring(1).split("/", -1);
    for (var segment : segments) {
      if (isDots(segment)) {
        // Never normalised: what the gateway checks and what the upstream sees must be one path.
        return new Unknown();
      }
    }
    return switch (segments[0]) {
      case "v2" -> openInference(segments);
      case "v1" -> openAi(segments, 1);
      case "openai" ->
          segments.length > 1 && segments[1].equals("v1") ? openAi(segments, 2) : new Unknown();
      case "api" ->
          segments.length > 1 && segments[1].equals("v1")
              ? new Control(segments.length > 2 ? segments[2] : "")
              : new Unknown();
      case "q" ->
          segments.length == 2 && segments[1].equals("openapi")
              ? new ApiDescription()
              : new Unknown();
      default -> new Unknown();
    };
  }

  /**
   * {@code /v2/models/{name}/infer} with nothing in the name to decode or to be careful about; null
   * for everything else. Nearly every call is one of these, and splitting costs as much as routing.
   */
  private static @Nullable RequestTarget plainInfer(String path) {
    if (!path.startsWith(MODELS) || !path.endsWith(INFER_END)) {
      return null;
    }
    int end = path.length() - INFER_END.length();
    if (end <= MODELS.length() || path.charAt(MODELS.length()) == '.') {
      return null;
    }
    for (int i = MODELS.length(); i < end; i++) {
      char c = path.charAt(i);
      if (c == '/' || c == '%') {
        return null;
      }
    }
    return new ModelCall(path.substring(MODELS.length(), end), null, Action.INFER);
  }

  private static RequestTarget openInference(String[] segments) {
    if (segments.length == 1 || segments.length == 2 && segments[1].isEmpty()) {
      return new ServerInfo();
    }
    if (segments[1].equals("health") && segments.length == 3) {
      return switch (segments[2]) {
        case "live" -> new Live();
        case "ready" -> new Ready();
        default -> new Unknown();
      };
    }
    if (segments[1].equals("models") && segments.length == 3 && segments[2].equals("stats")) {
      return new Statistics(null, null);
    }
    if (segments[1].equals("repository")) {
      return repository(segments);
    }
    return segments[1].equals("models") && segments.length > 2 ? model(segments) : new Unknown();
  }

  /** A repository may be named {@code models} or {@code index}: the count of segments decides. */
  private static RequestTarget repository(String[] segments) {
    boolean named = segments.length == 4 || segments.length == 6;
    var repository = named ? decoded(segments[2]) : null;
    if (named && (repository == null || repository.isEmpty())) {
      return new Unknown();
    }
    int next = named ? 3 : 2;
    if (segments.length == next + 1 && segments[next].equals("index")) {
      return new RepositoryList(repository);
    }
    if (segments.length != next + 3 || !segments[next].equals("models")) {
      return new Unknown();
    }
    var model = decoded(segments[next + 1]);
    var verb = segments[next + 2];
    if (model == null || model.isEmpty() || !verb.equals("load") && !verb.equals("unload")) {
      return new Unknown();
    }
    return new RepositoryModel(repository, model, verb.equals("load"));
  }

  private static RequestTarget model(String[] segments) {
    var endpoint = decoded(segments[2]);
    int next = 3;
    String version = null;
    if (segments.length > 4 && segments[3].equals("versions")) {
      version = decoded(segments[4]);
      next = 5;
      if (version == null || version.isEmpty()) {
        return new Unknown();
      }
    }
    if (endpoint == null || endpoint.isEmpty() || segments.length > next + 1) {
      return new Unknown();
    }
    if (segments.length > next && segments[next].equals("stats")) {
      return new Statistics(endpoint, version);
    }
    var action = segments.length == next ? Action.METADATA : action(segments[next]);
    return action == null ? new Unknown() : new ModelCall(endpoint, version, action);
  }

  private static @Nullable Action action(String name) {
    return switch (name) {
      case "infer" -> Action.INFER;
      case "ready" -> Action.READY;
      case "config" -> Action.CONFIG;
      default -> null;
    };
  }

  private static RequestTarget openAi(String[] segments, int at) {
    if (segments.length == at) {
      return new Unknown();
    }
    if (segments[at].equals("models")) {
      return switch (segments.length - at) {
        case 1 -> new OpenAiModels(null);
        case 2 -> new OpenAiModels(Objects.requireNonNullElse(decoded(segments[at + 1]), ""));
        default -> new Unknown();
      };
    }
    return segments.length == at + 1 && TASKS.contains(segments[at])
        ? new OpenAiCall("/v1/" + segments[at])
        : new Unknown();
  }

  private static boolean isDots(String segment) {
    if (segment.isEmpty() || segment.charAt(0) != '.' && segment.charAt(0) != '%') {
      return false;
    }
    var plain = segment.toLowerCase(Locale.ROOT).replace("%2e", ".");
    int parameters = plain.indexOf(';');
    var name = parameters < 0 ? plain : plain.substring(0, parameters);
    return name.equals(".") || name.equals("..");
  }

  private static @Nullable String decoded(String segment) {
    if (segment.indexOf('%') < 0) {
      return segment;
    }
    try {
      // A plus sign is itself in a path.
      return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return null;
    }
  }
}
