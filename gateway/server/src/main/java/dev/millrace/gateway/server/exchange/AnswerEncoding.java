package dev.millrace.gateway.server.exchange;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** The encodings that answers are compressed in; the first is preferred. */
public enum AnswerEncoding {
  GZIP,
  /** In zlib's format, as HTTP and gRPC mean it. */
  DEFLATE;

  /** The quickest: twice the speed of the usual level for a few per cent more bytes. */
  private static final int LEVEL = Deflater.BEST_SPEED;

  private static final int BUFFER = 8 << 10;

  private final String token = name().toLowerCase(Locale.ROOT);

  /** The name in headers. */
  public String token() {
    return token;
  }

  /**
   * What an {@code Accept-Encoding} likes best (RFC 9110, 12.5.3).
   *
   * @param accepted the header's value; null when there is none
   * @return null for none of these: the answer goes as it is
   */
  static @Nullable AnswerEncoding best(@Nullable String accepted) {
    if (accepted == null) {
      return null;
    }
    double[] weights = new double[values().length];
    Arrays.fill(weights, -1);
    double any = 0;
    double identity = 0;
    for (String element : accepted.split(",", -1)) {
      String[] parts = element.split(";", -1);
      String name = parts[0].strip().toLowerCase(Locale.ROOT);
      double weight = weight(parts);
      switch (name) {
        case "gzip", "x-gzip" -> weights[GZIP.ordinal()] = weight;
        case "deflate" -> weights[DEFLATE.ordinal()] = weight;
        case "identity" -> identity = weight;
        case "*" -> any = weight;
        default -> {}
      }
    }
    AnswerEncoding best = null;
    // As much as the plain bytes is enough; of two of these the first, unless the other has more.
    double most = identity;
    for (var encoding : values()) {
      double weight = weights[encoding.ordinal()] < 0 ? any : weights[encoding.ordinal()];
      if (weight > 0 && (best == null ? weight >= most : weight > most)) {
        best = encoding;
        most = weight;
      }
    }
    return best;
  }

  /** Zero for what is no weight: whoever is unclear gets the plain bytes. */
  private static double weight(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().toLowerCase(Locale.ROOT);
      if (parameter.startsWith("q=")) {
        try {
          double weight = Double.parseDouble(parameter.substring(2).strip());
          return weight >= 0 && weight <= 1 ? weight : 0;
        } catch (NumberFormatException unclear) {
          return 0;
        }
      }
    }
    return 1;
  }

  /**
   * The encoding for a gRPC answer: that of the request, when its caller takes it back. A caller
   * who did not compress has a network that is quicker than compressing.
   *
   * @param request the call's {@code grpc-encoding}
   * @param accepted its {@code grpc-accept-encoding}
   */
  public static @Nullable AnswerEncoding likeRequest(
      @Nullable String request, @Nullable String accepted) {
    if (request == null || accepted == null) {
      return null;
    }
    for (var encoding : values()) {
      if (encoding.token.equals(request)) {
        for (String name : accepted.split(",", -1)) {
          if (name.strip().equals(encoding.token)) {
            return encoding;
          }
        }
      }
    }
    return null;
  }

  /** Begins a body; to be closed. */
  Body begin() {
    return new Body(this);
  }

  /** A body that is compressed piece by piece. Used by one thread at a time. */
  static final class Body implements AutoCloseable {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(BUFFER);
    private final Deflater deflater;
    private final DeflaterOutputStream deflating;
    private boolean closed;

    private Body(AnswerEncoding encoding) {
      try {
        if (encoding == GZIP) {
          var gzip = new Gzip(out);
          deflater = gzip.deflater();
          deflating = gzip;
        } else {
          deflater = new Deflater(LEVEL);
          deflating = new DeflaterOutputStream(out, deflater, BUFFER);
        }
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
    }

    /**
     * Takes the next piece.
     *
     * @return what can be sent by now, perhaps nothing
     */
    byte[] next(byte[] piece) {
      try {
        deflating.write(piece);
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
      return taken();
    }

    /** Ends the body and returns its last bytes. */
    byte[] end() {
      try {
        deflating.finish();
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
      return taken();
    }

    private byte[] taken() {
      byte[] bytes = out.toByteArray();
      out.reset();
      return bytes;
    }

    /** Frees native memory; idempotent. */
    @Override
    public void close() {
      if (!closed) {
        closed = true;
        deflater.end();
      }
    }
  }

  private static final class Gzip extends GZIPOutputStream {
    Gzip(ByteArrayOutputStream out) throws IOException {
      super(out, BUFFER);
      def.setLevel(LEVEL);
    }

    Deflater deflater() {
      return def;
    }
  }

  /** The whole of {@code bytes}, compressed. */
  byte[] compress(byte[] bytes) {
    try (var body = begin()) {
      var head = body.next(bytes);
      var tail = body.end();
      var all = Arrays.copyOf(head, head.length + tail.length);
      System.arraycopy(tail, 0, all, head.length, tail.length);
      return all;
    }
  }
}
