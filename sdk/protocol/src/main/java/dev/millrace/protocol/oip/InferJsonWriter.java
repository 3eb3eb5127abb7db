package dev.millrace.protocol.oip;

import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Writes one inference request or response: a JSON object and the blobs that follow it. */
final class InferJsonWriter {
  private final JsonOutput out = new JsonOutput();
  private List<ByteBuffer> blobs = List.of();
  private final int copied;
  private boolean binary;

  /** A writer of one message whose blobs are copied when it has at most {@code copied} bytes. */
  InferJsonWriter(int copied) {
    this.copied = copied;
  }

  EncodedBody response(InferResponse response, Predicate<Tensor> asBlob) {
    out.raw('{').name("model_name").string(response.modelName());
    if (!response.modelVersion().isEmpty()) {
      out.raw(',').name("model_version").string(response.modelVersion());
    }
    if (!response.id().isEmpty()) {
      out.raw(',').name("id").string(response.id());
    }
    if (!response.parameters().isEmpty()) {
      out.raw(',').name("parameters");
      parameters(response.parameters());
    }
    out.raw(',').name("outputs");
    tensors(response.outputs(), "output", asBlob);
    return finish();
  }

  EncodedBody request(InferRequest request, TensorEncoding encoding) {
    boolean asBlobs = encoding == TensorEncoding.BINARY;
    out.raw('{');
    if (!request.id().isEmpty()) {
      out.name("id").string(request.id()).raw(',');
    }
    var parameters = new LinkedHashMap<>(request.parameters());
    if (asBlobs) {
      parameters.putIfAbsent(JsonParameters.BINARY_DATA_OUTPUT, true);
    }
    if (!parameters.isEmpty()) {
      out.name("parameters");
      parameters(parameters);
      out.raw(',');
    }
    out.name("inputs");
    tensors(request.inputs(), "input", tensor -> asBlobs);
    if (!request.outputs().isEmpty()) {
      out.raw(',').name("outputs");
      requested(request.outputs());
    }
    return finish();
  }

  private EncodedBody finish() {
    out.raw('}');
    if (!binary) {
      return new EncodedBody(List.of(out.toBuffer()), HttpInferCodec.NO_BINARY);
    }
    if (fits()) {
      int jsonLength = out.size();
      for (int i = 0; i < blobs.size(); i++) {
        out.blob(blobs.get(i));
      }
      return new EncodedBody(List.of(out.toBuffer()), jsonLength);
    }
    ByteBuffer json = out.toBuffer();
    if (blobs.size() == 1) {
      return new EncodedBody(List.of(json, blobs.get(0)), json.remaining());
    }
    var parts = new ArrayList<ByteBuffer>(blobs.size() + 1);
    parts.add(json);
    parts.addAll(blobs);
    return new EncodedBody(List.copyOf(parts), json.remaining());
  }

  private boolean fits() {
    long size = out.size();
    for (int i = 0; i < blobs.size(); i++) {
      size += blobs.get(i).remaining();
    }
    return size <= copied;
  }

  private void requested(List<RequestedOutput> outputs) {
    char separator = '[';
    for (RequestedOutput output : outputs) {
      out.raw(separator).raw('{').name("name").string(output.name());
      if (!output.parameters().isEmpty()) {
        out.raw(',').name("parameters");
        parameters(output.parameters());
      }
      out.raw('}');
      separator = ',';
    }
    out.raw(']');
  }

  private void tensors(List<Tensor> tensors, String role, Predicate<Tensor> asBlob) {
    out.raw('[');
    for (int i = 0; i < tensors.size(); i++) {
      if (i > 0) {
        out.raw(',');
      }
      tensor(tensors.get(i), role, asBlob.test(tensors.get(i)));
    }
    out.raw(']');
  }

  private void tensor(Tensor tensor, String role, boolean asBlob) {
    out.raw('{').name("name").string(tensor.name());
    out.raw(',').name("datatype").string(tensor.datatype().name());
    out.raw(',').name("shape").raw('[');
    for (int i = 0; i < tensor.rank(); i++) {
      if (i > 0) {
        out.raw(',');
      }
      out.number(tensor.shape()[i]);
    }
    out.raw(']');
    if (asBlob) {
      binary = true;
      addBlob(tensor.data());
    }
    tensorParameters(tensor, asBlob);
    if (!asBlob) {
      out.raw(',').name("data");
      JsonTensorWriter.write(out, tensor, role);
    }
    out.raw('}');
  }

  private void addBlob(ByteBuffer blob) {
    if (blobs.isEmpty()) {
      blobs = List.of(blob);
      return;
    }
    blobs = blobs.size() == 1 ? new ArrayList<>(blobs) : blobs;
    blobs.add(blob);
  }

  /** The tensor's own, and the size of its blob; what it says of a blob itself is not believed. */
  private void tensorParameters(Tensor tensor, boolean asBlob) {
    if (tensor.parameters().isEmpty()) {
      if (asBlob) {
        out.raw(',').name("parameters").raw('{').name(JsonParameters.BINARY_DATA_SIZE);
        out.number((long) tensor.byteSize()).raw('}');
      }
      return;
    }
    var parameters = new LinkedHashMap<>(tensor.parameters());
    parameters.remove(JsonParameters.BINARY_DATA_SIZE);
    if (asBlob) {
      parameters.put(JsonParameters.BINARY_DATA_SIZE, (long) tensor.byteSize());
    }
    if (!parameters.isEmpty()) {
      out.raw(',').name("parameters");
      parameters(parameters);
    }
  }

  private void parameters(Map<String, Object> parameters) {
    char separator = '{';
    for (Map.Entry<String, Object> each : parameters.entrySet()) {
      out.raw(separator).name(each.getKey());
      Object value = each.getValue();
      if (value instanceof Boolean flag) {
        out.ascii(flag ? "true" : "false");
      } else if (value instanceof Double || value instanceof Float) {
        out.number(((Number) value).doubleValue());
      } else if (value instanceof Number number) {
        out.number(number.longValue());
      } else {
        out.string(value.toString());
      }
      separator = ',';
    }
    if (separator == '{') {
      out.raw('{');
    }
    out.raw('}');
  }
}
