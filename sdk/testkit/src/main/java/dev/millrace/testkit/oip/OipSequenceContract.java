package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.grpc.ModelStreamInferResponse;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * The sequence extension: what a model keeps from one request to the next, over every protocol. The
 * endpoint serves {@code TinyModels.runningSum()} whose output {@code next} becomes the input
 * {@code state}.
 */
public interface OipSequenceContract {
  /** Where the server is; its endpoint is the stateful one. */
  OipTarget sequenceTarget();

  private ModelInferRequest request(float value, Object sequence, String... flags) {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("sequence_id", sequence);
    for (String flag : flags) {
      parameters.put("sequence_" + flag, true);
    }
    var x = Tensors.float32("x", new float[] {value, 0, 0, 0}, 1, 4);
    return GrpcInferCodec.encodeRequest(
        new InferRequest(sequenceTarget().endpoint(), "", "", parameters, List.of(x), List.of()),
        GrpcEncoding.RAW);
  }

  private static float first(ModelInferResponse response) {
    var outputs = GrpcInferCodec.decodeResponse(response).outputs();
    assertThat(outputs).as("outputs, without what is kept").hasSize(1);
    return Tensors.floatArray(outputs.get(0))[0];
  }

  private float infer(float value, Object sequence, String... flags) {
    return first(OipGrpc.stub(sequenceTarget()).modelInfer(request(value, sequence, flags)));
  }

  private OipHttp.Answer post(String parameters) {
    return new OipHttp(sequenceTarget())
        .infer(
            "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[2,0,0,0]}],"
                + "\"parameters\":{"
                + parameters
                + "}}");
  }

  @Test
  default void sequencesKeepTheirStateApart() {
    String one = UUID.randomUUID().toString();
    long two = one.hashCode() & 0x7fffffffL | 1;
    assertThat(infer(1, one, "start")).isEqualTo(1);
    assertThat(infer(10, two, "start")).isEqualTo(10);
    assertThat(infer(1, one)).isEqualTo(2);
    assertThat(infer(10, two)).isEqualTo(20);
    assertThat(infer(1, one, "end")).isEqualTo(3);
    assertThat(infer(10, two, "end")).isEqualTo(30);
  }

  @Test
  default void sequencesGoOnAcrossProtocols() {
    String id = UUID.randomUUID().toString();
    assertThat(infer(1, id, "start")).isEqualTo(1);
    OipHttp.Answer json = post("\"sequence_id\":\"" + id + "\"");
    assertThat(json.status()).isEqualTo(200);
    assertThat(json.json().at("/outputs/0/data/0").floatValue()).isEqualTo(3);
    assertThat(infer(1, id, "end")).isEqualTo(4);
  }

  @Test
  default void aSequenceThatWasNotStartedIsRefused() {
    assertThat(
            OipGrpc.refused(
                ErrorCode.INVALID_ARGUMENT, () -> infer(1, UUID.randomUUID().toString())))
        .contains("sequence_start");
    OipHttp.Answer json = post("\"sequence_id\":77123456");
    assertThat(json.status()).isEqualTo(400);
    assertThat(json.json().path("error").asText()).contains("77123456");
  }

  @Test
  default void aStreamCarriesSequencesInOrder() {
    OipStream stream = OipStream.open(OipGrpc.async(sequenceTarget(), sequenceTarget().apiKey()));
    String id = UUID.randomUUID().toString();
    int count = 50;
    for (int i = 1; i <= count; i++) {
      stream.send(i == 1 ? request(1, id, "start") : request(1, id));
    }
    List<ModelStreamInferResponse> answers = stream.finish();
    assertThat(answers).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertThat(answers.get(i).getErrorMessage()).isEmpty();
      assertThat(first(answers.get(i).getInferResponse())).isEqualTo(i + 1);
    }
  }

  @Test
  default void aStateThatTheRequestBringsGoesFirstAndOneAskedForIsShown() {
    var x = Tensors.float32("x", new float[] {1, 0, 0, 0}, 1, 4);
    var state = Tensors.float32("state", new float[] {100, 0, 0, 0}, 1, 4);
    ModelInferRequest stateless =
        GrpcInferCodec.encodeRequest(
            new InferRequest(
                sequenceTarget().endpoint(), "", "", Map.of(), List.of(x, state), List.of()),
            GrpcEncoding.RAW);
    ModelInferResponse answer = OipGrpc.stub(sequenceTarget()).modelInfer(stateless);
    var outputs = GrpcInferCodec.decodeResponse(answer).outputs();
    assertThat(outputs).hasSize(2);
    assertThat(Tensors.floatArray(outputs.get(1))[0]).isEqualTo(101);
  }
}
