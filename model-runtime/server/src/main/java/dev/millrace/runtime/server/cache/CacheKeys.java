package dev.millrace.runtime.server.cache;

import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.RequestedOutput;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The keys of one version: what every answer of it depends on goes into each of them. The same
 * tensors make the same key whatever protocol, encoding or order they came in; a NaN counts with
 * its bits. Each part is written with its length, so no two requests can be written alike.
 * Thread-safe.
 *
 * <p>Cost: one pass of SHA-256 over the inputs, 0.1 to 0.4 ms for 150 KB.
 */
public final class CacheKeys {
  /** They say when and how an answer is sent, not what is in it. */
  private static final Set<String> NEUTRAL =
      Set.of("priority", "timeout", "binary_data_output", "binary_data", "binary_data_size");

  /** A call with one of these depends on the calls before it. */
  private static final List<String> SEQUENCE =
      List.of("sequence_id", "sequence_start", "sequence_end");

  private static final byte TENSORS = 1;
  private static final byte TEXT = 2;

  private final String version;
  private final Map<String, String> engine;

  /**
   * The keys of a version that is served that way.
   *
   * @param version digest of the version's files
   * @param engine options of its sessions: another device or precision gives other numbers
   */
  public CacheKeys(String version, Map<String, String> engine) {
    this.version = version;
    this.engine = engine;
  }

  /** Whether the answer depends on nothing but the request. */
  public static boolean cacheable(InferRequest request) {
    Map<String, Object> parameters = request.parameters();
    return parameters.isEmpty() || SEQUENCE.stream().noneMatch(parameters::containsKey);
  }

  /** The key of a tensor request. */
  public CacheKey of(InferRequest request) {
    var digest = begin(TENSORS);
    digest.parameters(request.parameters());
    List<Tensor> inputs = byName(request.inputs());
    digest.number(inputs.size());
    for (Tensor input : inputs) {
      digest.tensor(input);
    }
    digest.number(request.outputs().size());
    for (RequestedOutput output : request.outputs()) {
      digest.text(output.name());
      digest.parameters(output.parameters());
    }
    return CacheKey.of(digest.bytes());
  }

  /** The key of one text of a text task: what the tokenizer made of it. */
  public CacheKey of(long[] ids, long[] mask, long[] types) {
    var digest = begin(TEXT);
    digest.numbers(ids);
    digest.numbers(mask);
    digest.numbers(types);
    return CacheKey.of(digest.bytes());
  }

  private Digest begin(byte kind) {
    var digest = new Digest();
    digest.text(version);
    digest.parameters(engine);
    digest.number(kind);
    return digest;
  }

  private static List<Tensor> byName(List<Tensor> inputs) {
    if (inputs.size() < 2) {
      return inputs;
    }
    var sorted = new ArrayList<>(inputs);
    sorted.sort(Comparator.comparing(Tensor::name));
    return sorted;
  }

  /** SHA-256 over parts that each tell their length. */
  private static final class Digest {
    private final MessageDigest sha;
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

    Digest() {
      try {
        sha = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException everyJdkHasIt) {
        throw new IllegalStateException(everyJdkHasIt);
      }
    }

    void number(long value) {
      sha.update(number.clear().putLong(value).flip());
    }

    void numbers(long[] values) {
      ByteBuffer all = ByteBuffer.allocate((1 + values.length) * Long.BYTES);
      all.putLong(values.length);
      all.asLongBuffer().put(values);
      sha.update(all.rewind());
    }

    void text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      number(bytes.length);
      sha.update(bytes);
    }

    void parameters(Map<String, ?> parameters) {
      if (parameters.isEmpty()) {
        number(0);
        return;
      }
      var sorted = new TreeMap<String, Object>(parameters);
      sorted.keySet().removeAll(NEUTRAL);
      number(sorted.size());
      sorted.forEach(
          (name, value) -> {
            text(name);
            // 1 and "1" are different values.
            text(value.getClass().getSimpleName());
            text(value.toString());
          });
    }

    void tensor(Tensor tensor) {
      text(tensor.name());
      text(tensor.datatype().name());
      number(tensor.rank());
      for (long dimension : tensor.shape()) {
        number(dimension);
      }
      parameters(tensor.parameters());
      number(tensor.byteSize());
      sha.update(tensor.data());
    }

    byte[] bytes() {
      return sha.digest();
    }
  }
}
