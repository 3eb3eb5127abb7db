package dev.millrace.testkit.fuzz;

import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import java.io.OutputStream;

/**
 * Says that a message is compressed and passes its bytes on: they are compressed already, or are
 * not what they say.
 *
 * @param name of the encoding
 */
record PackedBefore(String name) implements Compressor {
  /** The encodings that {@link Mutations#packed} knows, and one that nobody offers. */
  static CompressorRegistry registry() {
    var registry = CompressorRegistry.newEmptyInstance();
    for (String name : StreamCalls.ENCODINGS) {
      registry.register(new PackedBefore(name));
    }
    return registry;
  }

  @Override
  public String getMessageEncoding() {
    return name;
  }

  @Override
  public OutputStream compress(OutputStream packed) {
    return packed;
  }
}
