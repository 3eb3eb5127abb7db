package dev.millrace.gateway.inspect;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the model's name (field 1) and version (field 2) in the first message of a gRPC call. All
 * requests of the Open Inference Protocol that name a model have them there.
 *
 * <p>Writers put fields in the order of their numbers, so a few dozen bytes suffice: once the name
 * is known, a field above 2 means that no version follows. Fields before the name are skipped by
 * their length, within the bound. Immutable and safe from any thread.
 */
public final class GrpcModelNameScanner {
  private static final int FRAME_HEADER = 5;
  private static final int NAME_FIELD = 1;
  private static final int VERSION_FIELD = 2;
  private static final int PARAMETERS_FIELD = 4;

  private final int bound;
  private final long largestMessage;

  /**
   * A scanner.
   *
   * @param bound most bytes to look at, compressed and inflated alike
   * @param largestMessage a message that announces more bytes is PAYLOAD_TOO_LARGE
   */
  public GrpcModelNameScanner(int bound, long largestMessage) {
    this.bound = bound;
    this.largestMessage = largestMessage;
  }

  /**
   * Looks at what has come so far.
   *
   * @param prefix the call's bytes from its first one, frame header included; its position moves
   * @param encoding the call's {@code grpc-encoding}; null for none
   * @param ended whether no more bytes come
   * @param sequences whether a model keeps something within sequences: then the parameters (field
   *     4) are looked at too, for the sequence's id
   * @return the names, or empty when more bytes are needed
   * @throws MillraceException INVALID_ARGUMENT when the name is not where it must be,
   *     NOT_IMPLEMENTED for an encoding we do not know, PAYLOAD_TOO_LARGE
   */
  public Optional<BodyTarget> scan(
      ByteBuffer prefix, @Nullable String encoding, boolean ended, Predicate<String> sequences) {
    boolean exhausted = ended || prefix.remaining() >= bound;
    if (prefix.remaining() < FRAME_HEADER) {
      if (ended) {
        throw MillraceException.of(
            ErrorCode.INVALID_ARGUMENT,
            "the call ends after %d bytes (expected: one message behind a header of %d bytes)",
            prefix.remaining(),
            FRAME_HEADER);
      }
      return Optional.empty();
    }
    byte flag = prefix.get();
    if (flag < 0 || flag > 1) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the first byte of a frame is %d (expected: 0, or 1 for a compressed message)",
          Byte.toUnsignedInt(flag));
    }
    boolean compressed = flag == 1;
    long length = Integer.toUnsignedLong(prefix.getInt());
    if (length > largestMessage) {
      throw MillraceException.of(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "the message has %d bytes (expected: at most %d)",
          length,
          largestMessage);
    }
    boolean whole = prefix.remaining() >= length;
    var bytes = new byte[(int) Math.min(Math.min(length, prefix.remaining()), bound)];
    whole &= bytes.length == length;
    prefix.get(bytes);
    if (compressed) {
      var inflated = InflatedPrefix.inflate(nameOf(encoding), bytes, bound);
      // What cannot be inflated to its end now never will be: no more bytes of it come.
      exhausted |= whole || inflated.bytes().length >= bound;
      return new Fields(inflated.bytes(), inflated.complete(), sequences).target(exhausted);
    }
    return new Fields(bytes, whole, sequences).target(exhausted);
  }

  private static String nameOf(@Nullable String encoding) {
    if (encoding == null || encoding.equals("identity")) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "a message is marked compressed but grpc-encoding is absent");
    }
    return encoding;
  }

  private Optional<BodyTarget> needMore(boolean exhausted) {
    if (exhausted) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the model's name (field 1) is not in what came of the message (expected: in its first %d"
              + " bytes)",
          bound);
    }
    return Optional.empty();
  }

  /** Walks the fields of one message, of which a prefix is known. */
  private final class Fields {
    private final byte[] bytes;
    private final boolean whole;
    private int position;
    private @Nullable String name;
    private @Nullable String version;
    private @Nullable String sequence;
    private final Predicate<String> sequences;
    private int lastField = VERSION_FIELD;

    Fields(byte[] bytes, boolean whole, Predicate<String> sequences) {
      this.bytes = bytes;
      this.whole = whole;
      this.sequences = sequences;
    }

    Optional<BodyTarget> target(boolean exhausted) {
      while (position < bytes.length) {
        long tag = varint();
        if (tag < 0) {
          return truncated(exhausted);
        }
        int field = (int) (tag >>> 3);
        if (name != null && field > lastField) {
          return found(name);
        }
        if (!field(field, (int) (tag & 7))) {
          return truncated(exhausted);
        }
        if (name != null && version != null && lastField == VERSION_FIELD) {
          return found(name);
        }
      }
      if (!whole) {
        // Parameters that long name no sequence; the model at least is known.
        return exhausted && name != null ? found(name) : needMore(exhausted);
      }
      if (name == null) {
        throw MillraceException.of(
            ErrorCode.INVALID_ARGUMENT, "the model's name (field 1) is missing");
      }
      return found(name);
    }

    private Optional<BodyTarget> found(String model) {
      return Optional.of(
          new BodyTarget(model, version == null || version.isEmpty() ? null : version, sequence));
    }

    private Optional<BodyTarget> truncated(boolean exhausted) {
      if (whole) {
        throw MillraceException.of(
            ErrorCode.INVALID_ARGUMENT, "the message is truncated at byte %d", position);
      }
      return needMore(exhausted);
    }

    /** Reads or skips one field; false when it reaches beyond the known bytes. */
    private boolean field(int field, int wireType) {
      return switch (wireType) {
        case 0 -> varint() >= 0;
        case 1 -> skip(8);
        case 2 -> delimited(field);
        case 5 -> skip(4);
        default ->
            throw MillraceException.of(
                ErrorCode.INVALID_ARGUMENT,
                "the message is not protobuf: wire type %d at byte %d",
                wireType,
                position);
      };
    }

    private boolean delimited(int field) {
      long length = varint();
      if (length < 0 || length > bytes.length - position) {
        return false;
      }
      if (field == NAME_FIELD) {
        name = new String(bytes, position, (int) length, StandardCharsets.UTF_8);
        lastField = sequences.test(name) ? PARAMETERS_FIELD : VERSION_FIELD;
      } else if (field == VERSION_FIELD) {
        version = new String(bytes, position, (int) length, StandardCharsets.UTF_8);
      } else if (field == PARAMETERS_FIELD && lastField == PARAMETERS_FIELD) {
        var id = SequenceParameter.read(bytes, position, (int) length);
        sequence = id == null ? sequence : id;
      }
      position += (int) length;
      return true;
    }

    private boolean skip(int length) {
      if (length > bytes.length - position) {
        return false;
      }
      position += length;
      return true;
    }

    /** The next varint without its sign bit, or −1 when it reaches beyond the known bytes. */
    private long varint() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        if (position >= bytes.length) {
          return -1;
        }
        byte next = bytes[position++];
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value & Long.MAX_VALUE;
        }
      }
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the message is not protobuf: a varint of more than 10 bytes before byte %d",
          position);
    }
  }
}
