package dev.millrace.runtime.engine;

import java.nio.ByteBuffer;

/**
 * Where the rows of a request lie inside a batch. With the batch axis first, a request is one run
 * of elements; with {@code outer} positions before the axis, it is one run in each of them.
 *
 * @param outer product of the dimensions before the batch axis
 * @param inner elements (or bytes) of one row in one outer position
 */
record Strides(long outer, long inner) {

  /** The strides of a shape around an axis, in units of {@code unit} per element. */
  static Strides of(long[] shape, int axis, int unit) {
    long outer = 1;
    for (int i = 0; i < axis; i++) {
      outer = Math.multiplyExact(outer, shape[i]);
    }
    long inner = unit;
    for (int i = axis + 1; i < shape.length; i++) {
      inner = Math.multiplyExact(inner, shape[i]);
    }
    return new Strides(outer, inner);
  }

  /** Whether each request lies in one piece. */
  boolean contiguous() {
    return outer == 1;
  }

  /** Elements (or bytes) of that many rows. */
  long size(long rows) {
    return Math.multiplyExact(Math.multiplyExact(outer, inner), rows);
  }

  /** Copies a request's rows into the batch, from row {@code first} of {@code total} on. */
  void gather(ByteBuffer request, long rows, ByteBuffer batch, long first, long total) {
    int run = Math.toIntExact(rows * inner);
    int from = request.position();
    for (long position = 0; position < outer; position++) {
      int to = Math.toIntExact((position * total + first) * inner);
      batch.put(to, request, from, run);
      from += run;
    }
  }

  /** Copies rows of the batch out, from row {@code first} of {@code total} on. */
  void scatter(ByteBuffer batch, long first, long total, ByteBuffer request, long rows) {
    int run = Math.toIntExact(rows * inner);
    int to = request.position();
    for (long position = 0; position < outer; position++) {
      int from = Math.toIntExact((position * total + first) * inner);
      request.put(to, batch, from, run);
      to += run;
    }
  }

  /** {@link #gather} for elements that are objects. */
  void gather(String[] request, long rows, String[] batch, long first, long total) {
    int run = Math.toIntExact(rows * inner);
    for (int position = 0; position < outer; position++) {
      int to = Math.toIntExact((position * total + first) * inner);
      System.arraycopy(request, position * run, batch, to, run);
    }
  }

  /** {@link #scatter} for elements that are objects. */
  String[] scatter(String[] batch, long first, long total, long rows) {
    var request = new String[Math.toIntExact(size(rows))];
    int run = Math.toIntExact(rows * inner);
    for (int position = 0; position < outer; position++) {
      int from = Math.toIntExact((position * total + first) * inner);
      System.arraycopy(batch, from, request, position * run, run);
    }
    return request;
  }
}
