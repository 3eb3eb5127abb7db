package dev.millrace.benchmarks.load;

/** Something that answers numbered calls: a server, behind one protocol. Thread-safe. */
public interface Target extends AutoCloseable {
  /**
   * Starts call {@code index} and returns at once.
   *
   * @param lane which of the parallel callers calls; a target may tie it to a connection or thread
   * @param index chooses the request: the same index sends the same bytes
   */
  void call(int lane, long index, Answered answered);

  /** Closes the connections; calls under way may fail. */
  @Override
  void close();
}
