package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.InputTensors;
import dev.millrace.cli.TensorText;
import dev.millrace.cli.Terminal;
import dev.millrace.client.ClientOptions;
import dev.millrace.client.EndpointClient;
import dev.millrace.client.InferCall;
import dev.millrace.client.InferResult;
import dev.millrace.client.Millrace;
import dev.millrace.client.Transport;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace infer NAME --input 'x=[[1,2,3,4]]'}. */
@Command(
    name = "infer",
    sortOptions = false,
    description = "Calls an endpoint with tensors and prints what it answers.",
    footer = {
      "",
      "The datatype comes from the model, the shape from the brackets.",
      "",
      "Examples:",
      "  ./millrace infer linear --input 'x=[[1,2,3,4]]'",
      "  ./millrace infer linear --input x=@rows.json --protocol http --json",
      "  ./millrace infer linear --file request.json     a request of the Open Inference Protocol"
    })
final class InferCommand extends ClientCommand {
  /** How the call travels. */
  enum Protocol {
    GRPC,
    HTTP
  }

  @Parameters(index = "0", paramLabel = "NAME", description = "The endpoint.")
  private String name = "";

  @Option(
      names = {"-i", "--input"},
      paramLabel = "NAME=JSON",
      description = "An input as nested JSON, or name=@file.json; once for each input.")
  private List<String> inputs = new ArrayList<>();

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "A whole request as JSON ({\"inputs\": […]}).")
  private @Nullable Path file;

  @Option(names = "--version", paramLabel = "VERSION", description = "A version or alias to call.")
  private @Nullable String version;

  @Option(names = "--protocol", paramLabel = "PROTOCOL", description = "grpc (default) or http.")
  private Protocol protocol = Protocol.GRPC;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = Waiting.DurationConverter.class,
      description = "Longest time of the call (default: 30s).")
  private Duration timeout = Duration.ofSeconds(30);

  InferCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() {
    if (inputs.isEmpty() == (file == null)) {
      terminal().err().println("millrace: give the inputs with --input, or a request with --file");
      return ExitCode.USAGE;
    }
    ClientOptions client =
        ClientOptions.DEFAULT
            .withTimeout(timeout)
            .withTransport(protocol == Protocol.GRPC ? Transport.GRPC : Transport.HTTP_BINARY);
    try (Millrace millrace = connect(client)) {
      EndpointClient endpoint = millrace.endpoint(name);
      InferResult result = endpoint.infer(file == null ? typed(endpoint) : fromFile(file));
      if (options().json()) {
        say(TensorText.json(result.response()));
      } else {
        for (Tensor output : result.outputs()) {
          say(TensorText.pretty(output));
        }
        terminal().err().println(terminal().faint("answered by version " + result.version()));
      }
    }
    return ExitCode.OK;
  }

  private InferCall typed(EndpointClient endpoint) {
    var metadata = version == null ? endpoint.metadata() : endpoint.metadata(version);
    return toVersion(InferCall.of(new InputTensors(metadata).parse(inputs)));
  }

  private InferCall fromFile(Path request) {
    byte[] body;
    try {
      body = Files.readAllBytes(request);
    } catch (IOException unreadable) {
      throw MillraceException.of(
          ErrorCode.NOT_FOUND, "--file '%s' cannot be read: %s", request, unreadable.getMessage());
    }
    InferRequest read =
        HttpInferCodec.decodeRequest(ByteBuffer.wrap(body), HttpInferCodec.NO_BINARY);
    return toVersion(
        new InferCall(read.inputs(), null, read.id(), null, read.outputs(), read.parameters()));
  }

  private InferCall toVersion(InferCall call) {
    return version == null ? call : call.withVersion(version);
  }
}
