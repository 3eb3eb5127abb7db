package dev.millrace.registry.onnx;

import static com.google.protobuf.WireFormat.WIRETYPE_LENGTH_DELIMITED;
import static com.google.protobuf.WireFormat.WIRETYPE_VARINT;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.protocol.control.BatchAxes;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.control.VersionDocument.OnnxFormat;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the signature of an ONNX file straight from the protobuf. Weights are skipped, so the time
 * depends on the number of nodes and tensors, and the memory on the number of names; field numbers
 * are those of {@code onnx.proto3}.
 *
 * <p>Graph inputs that are also initializers are weights with a default (files before IR 4 must
 * list them so) and are left out of the signature.
 *
 * <p>One object reads one file.
 */
public final class OnnxSignatureReader {
  private static final int MOST_TENSORS = 4096;
  private static final int MOST_INITIALIZERS = 1_000_000;
  private static final int MOST_EXTERNAL_FILES = 4096;

  private final OnnxInput in;
  private final Set<String> initializers = new HashSet<>();
  private final Set<String> externalFiles = new LinkedHashSet<>();
  private final List<TensorSignature> inputs = new ArrayList<>();
  private final List<TensorSignature> outputs = new ArrayList<>();
  private long irVersion;
  private long opset;
  private String producerName = "";
  private String producerVersion = "";
  private boolean hasGraph;

  private OnnxSignatureReader(OnnxInput in) {
    this.in = in;
  }

  /**
   * Reads one file.
   *
   * @param file not closed here
   * @param size of the file in bytes: a stream may be skipped beyond its end unnoticed
   * @throws dev.millrace.protocol.error.MillraceException INVALID_ARGUMENT for anything that is not
   *     an ONNX model whose inputs and outputs are tensors
   * @throws IOException when the file cannot be read
   */
  public static OnnxModel read(InputStream file, long size) throws IOException {
    if (size > Integer.MAX_VALUE) {
      throw OnnxInput.malformed(
          "it is larger than 2 GiB (expected: weights in external data files, in a .tar)");
    }
    var in = new OnnxInput(CodedInputStream.newInstance(file, 1 << 16));
    try {
      var reader = new OnnxSignatureReader(in);
      in.fields(reader::modelField);
      if (in.position() != size) {
        throw OnnxInput.malformed("it ends in the middle of a message");
      }
      return reader.model();
    } catch (InvalidProtocolBufferException malformed) {
      throw OnnxInput.malformed(malformed);
    }
  }

  private OnnxModel model() {
    if (!hasGraph || irVersion <= 0) {
      throw OnnxInput.malformed("it has no graph");
    }
    inputs.removeIf(input -> initializers.contains(input.name()));
    checkNames("input", inputs);
    checkNames("output", outputs);
    if (outputs.isEmpty()) {
      throw OnnxInput.malformed("its graph has no outputs");
    }
    var producer = (producerName + " " + producerVersion).strip();
    return new OnnxModel(
        new OnnxFormat(irVersion, opset, producer),
        BatchAxes.detect(new Signature(inputs, outputs)),
        externalFiles);
  }

  private static void checkNames(String kind, List<TensorSignature> tensors) {
    var names = new HashSet<String>();
    for (var tensor : tensors) {
      if (tensor.name().isEmpty() || !names.add(tensor.name())) {
        throw OnnxInput.malformed(
            "%s name '%s' is empty or not unique".formatted(kind, tensor.name()));
      }
    }
  }

  private boolean modelField(int field, int wireType) throws IOException {
    switch (field) {
      case 1 -> irVersion = number(wireType);
      case 2 -> producerName = text(wireType);
      case 3 -> producerVersion = text(wireType);
      case 7 -> {
        hasGraph = true;
        message(wireType, this::mainGraphField);
      }
      case 8 -> operatorSet(wireType);
      case 20 -> message(wireType, this::trainingField);
      case 25 -> message(wireType, (f, w) -> f == 7 && nodeOf(w));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void operatorSet(int wireType) throws IOException {
    var domain = new StringBuilder();
    var version = new long[1];
    message(
        wireType,
        (f, w) -> {
          if (f == 1) {
            domain.append(text(w));
          } else if (f == 2) {
            version[0] = number(w);
          } else {
            return false;
          }
          return true;
        });
    if (domain.isEmpty() || domain.toString().equals("ai.onnx")) {
      opset = version[0];
    }
  }

  private boolean trainingField(int field, int wireType) throws IOException {
    if (field != 1 && field != 2) {
      return false;
    }
    message(wireType, this::innerGraphField);
    return true;
  }

  private boolean mainGraphField(int field, int wireType) throws IOException {
    switch (field) {
      case 5 -> initializers.add(tensor(wireType));
      case 11 -> addTo(inputs, "input", wireType);
      case 12 -> addTo(outputs, "output", wireType);
      case 15 -> sparse(wireType, initializers);
      default -> {
        return innerGraphField(field, wireType);
      }
    }
    if (initializers.size() > MOST_INITIALIZERS) {
      throw OnnxInput.malformed("it has more than " + MOST_INITIALIZERS + " initializers");
    }
    return true;
  }

  private void addTo(List<TensorSignature> tensors, String kind, int wireType) throws IOException {
    if (tensors.size() == MOST_TENSORS) {
      throw OnnxInput.malformed("it has more than %d %ss".formatted(MOST_TENSORS, kind));
    }
    expectMessage(wireType);
    // Old files list their weights as inputs, which may have any type: only what stays is judged.
    tensors.add(TensorTypeReader.read(in, kind, initializers));
  }

  /** Inner graphs and nodes matter only for the files they name. */
  private boolean innerGraphField(int field, int wireType) throws IOException {
    switch (field) {
      case 1 -> nodeOf(wireType);
      case 5 -> tensor(wireType);
      case 15 -> sparse(wireType, new HashSet<>());
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean nodeOf(int wireType) throws IOException {
    message(
        wireType,
        (f, w) -> {
          if (f != 5) {
            return false;
          }
          message(w, this::attributeField);
          return true;
        });
    return true;
  }

  private boolean attributeField(int field, int wireType) throws IOException {
    switch (field) {
      case 5, 10 -> tensor(wireType);
      case 6, 11 -> message(wireType, this::innerGraphField);
      case 22, 23 -> sparse(wireType, new HashSet<>());
      default -> {
        return false;
      }
    }
    return true;
  }

  /** A sparse tensor has the name of its values. */
  private void sparse(int wireType, Set<String> names) throws IOException {
    message(
        wireType,
        (f, w) -> {
          if (f == 1) {
            names.add(tensor(w));
          } else if (f == 2) {
            tensor(w);
          } else {
            return false;
          }
          return true;
        });
  }

  /** Skips a tensor's data; returns its name and remembers the file that holds its data, if any. */
  private String tensor(int wireType) throws IOException {
    var name = new String[] {""};
    message(
        wireType,
        (f, w) -> {
          if (f == 8) {
            name[0] = text(w);
          } else if (f == 13) {
            externalEntry(w);
          } else {
            return false;
          }
          return true;
        });
    return name[0];
  }

  private void externalEntry(int wireType) throws IOException {
    var entry = new String[] {"", ""};
    message(
        wireType,
        (f, w) -> {
          if (f != 1 && f != 2) {
            return false;
          }
          entry[f - 1] = text(w);
          return true;
        });
    if (entry[0].equals("location")) {
      externalFiles.add(entry[1]);
      if (externalFiles.size() > MOST_EXTERNAL_FILES) {
        throw OnnxInput.malformed("it names more than %d files".formatted(MOST_EXTERNAL_FILES));
      }
    }
  }

  private void message(int wireType, OnnxInput.FieldReader reader) throws IOException {
    expectMessage(wireType);
    in.message(reader);
  }

  private String text(int wireType) throws IOException {
    expectMessage(wireType);
    return in.text();
  }

  private long number(int wireType) throws IOException {
    if (wireType != WIRETYPE_VARINT) {
      throw OnnxInput.malformed("a number has another type than ONNX gives it");
    }
    return in.number();
  }

  private static void expectMessage(int wireType) {
    if (wireType != WIRETYPE_LENGTH_DELIMITED) {
      throw OnnxInput.malformed("a field has another type than ONNX gives it");
    }
  }
}
