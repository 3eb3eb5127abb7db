package dev.millrace.runtime.server.grpc;

import io.grpc.Codec;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** Messages compressed by {@code deflate}, which Triton's clients offer. */
final class DeflateCodec implements Codec {
  @Override
  public String getMessageEncoding() {
    return "deflate";
  }

  @Override
  public InputStream decompress(InputStream compressed) {
    return new InflaterInputStream(compressed);
  }

  @Override
  public OutputStream compress(OutputStream compressed) {
    return new DeflaterOutputStream(compressed);
  }
}
