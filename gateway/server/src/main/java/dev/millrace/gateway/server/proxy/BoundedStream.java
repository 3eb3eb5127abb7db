package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.server.exchange.ClientBody;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Inflated bytes, of which there may be no more than of plain ones: else PAYLOAD_TOO_LARGE. */
final class BoundedStream extends FilterInputStream {
  private final long bound;
  private long count;

  BoundedStream(InputStream inflated, long bound) {
    super(inflated);
    this.bound = bound;
  }

  @Override
  public int read() throws IOException {
    int next = super.read();
    counted(next < 0 ? 0 : 1);
    return next;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = super.read(into, offset, length);
    counted(Math.max(0, read));
    return read;
  }

  private void counted(int read) {
    count += read;
    if (count > bound) {
      throw ClientBody.tooLarge(bound);
    }
  }
}
