package dev.millrace.runtime.server.sequence;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.BatchResult;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.server.replica.Replica;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All sequences of this runtime. The requests of one sequence run one after another, each with what
 * the one before left; those of different sequences share batches as others do. A request that
 * fails or is cancelled leaves what was kept as it was.
 *
 * <p>Bounded: in the number of sequences, in the bytes that they keep, in the requests that wait in
 * one of them; an idle sequence is forgotten. Thread-safe; nothing blocks for longer than a
 * look-up.
 */
public final class SequenceTable {
  private static final int LONGEST_LINE = 64;
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Two endpoints that serve one version have sequences of their own. */
  private record Key(VersionKey version, String endpoint, String id) {}

  private final Map<Key, Sequence> sequences = new HashMap<>();
  private final Limits limits;
  private final LongSupplier ticker;
  private long bytes;
  private long expired;

  /**
   * Bounds on what is kept.
   *
   * @param idle after how long without a request a sequence is forgotten
   * @param count most sequences at once
   * @param bytes most bytes that they keep together
   */
  public record Limits(Duration idle, int count, long bytes) {
    public Limits {
      expect(idle.isPositive(), "idle-timeout", idle, "more than 0");
      expect(count >= 1, "limit", count, "at least 1");
      expect(bytes >= 1, "memory", bytes, "at least 1 byte");
    }

    private static void expect(boolean holds, String key, Object value, String expected) {
      if (!holds) {
        throw new IllegalArgumentException(
            "millrace.runtime.sequences." + key + ": " + value + " (expected: " + expected + ")");
      }
    }
  }

  /**
   * A table without sequences.
   *
   * @param ticker nanoseconds that only grow, like {@link System#nanoTime()}
   */
  public SequenceTable(Limits limits, LongSupplier ticker) {
    this.limits = limits;
    this.ticker = ticker;
  }

  /**
   * Runs a request with what its sequence keeps, after the ones before it.
   *
   * @param endpoint the name that was called
   * @return empty when the request belongs to no sequence, or its version keeps nothing: then it
   *     runs like any other
   * @throws MillraceException INVALID_ARGUMENT for malformed parameters or a sequence that was not
   *     started, OVERLOADED when there is no room
   */
  public Optional<Submission<ModelResult>> submit(
      Replica replica, String endpoint, InferRequest request, Terms terms) {
    if (replica.states().isEmpty()) {
      return Optional.empty();
    }
    Optional<SequenceCall> call = SequenceCall.of(request.parameters());
    if (call.isEmpty()) {
      return Optional.empty();
    }
    var turn = new Turn(replica, request, terms, call.get());
    var key = new Key(replica.version().key(), endpoint, call.get().id());
    synchronized (this) {
      join(key, turn);
    }
    advance(key);
    return Optional.of(turn);
  }

  /** How many sequences are kept now. */
  public synchronized int size() {
    return sequences.size();
  }

  /** Bytes that they keep now. */
  public synchronized long bytes() {
    return bytes;
  }

  /** How many were forgotten because no request came. */
  public synchronized long expired() {
    return expired;
  }

  /** Forgets what has been idle for too long. To be called now and then. */
  public synchronized void sweep() {
    long now = ticker.getAsLong();
    Iterator<Sequence> all = sequences.values().iterator();
    while (all.hasNext()) {
      Sequence sequence = all.next();
      if (sequence.isIdle() && now - sequence.usedNanos() >= limits.idle().toNanos()) {
        bytes -= sequence.bytes();
        expired++;
        all.remove();
      }
    }
  }

  private void join(Key key, Turn turn) {
    Sequence sequence = sequences.get(key);
    if (bytes >= limits.bytes() && !turn.call.end()) {
      throw full("the open sequences keep %d bytes, as many as they may", limits.bytes());
    }
    if (sequence == null) {
      if (!turn.call.start()) {
        throw unknown(key);
      }
      if (sequences.size() >= limits.count()) {
        throw full("%d sequences are open here, as many as may be", limits.count());
      }
      sequence = new Sequence();
      sequences.put(key, sequence);
    } else if (sequence.waiting() >= LONGEST_LINE) {
      throw full("%d requests of the sequence wait already, as many as may", LONGEST_LINE);
    }
    sequence.add(turn, ticker.getAsLong());
  }

  private static MillraceException unknown(Key key) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "sequence '%s' of '%s' is not open here (expected: sequence_start on its first"
            + " request; a sequence that was idle for too long, or whose replica or version is gone,"
            + " starts again)",
        key.id(),
        key.endpoint());
  }

  private static MillraceException full(String format, long limit) {
    return MillraceException.of(ErrorCode.OVERLOADED, format, limit)
        .withDetail("reason", "queue_full")
        .withRetryAfter(RETRY);
  }

  /** Runs the next request of the sequence, if there is one and none runs. */
  private void advance(Key key) {
    while (true) {
      Turn turn;
      boolean open;
      List<Tensor> kept;
      synchronized (this) {
        Sequence sequence = sequences.get(key);
        turn = sequence == null ? null : sequence.next();
        if (sequence == null || turn == null) {
          return;
        }
        open = sequence.isOpen() || turn.call.start();
        kept = turn.call.start() ? List.of() : sequence.kept();
      }
      if (!open) {
        // What came before it has failed, or was the last.
        refuse(key, turn, unknown(key));
      } else if (run(key, turn, kept)) {
        return;
      }
    }
  }

  /** Runs a turn; false when it is over already. */
  private boolean run(Key key, Turn turn, List<Tensor> kept) {
    if (turn.answer.isDone()) {
      over(key, turn, null);
      return false;
    }
    Submission<ModelResult> submission;
    try {
      InferRequest whole = plan(turn).complete(turn.request, kept);
      submission = turn.replica.submit(whole, turn.terms);
    } catch (RuntimeException refused) {
      refuse(key, turn, refused);
      return false;
    }
    turn.runs(submission);
    var _ =
        submission
            .result()
            .whenComplete(
                (result, failure) -> {
                  if (failure == null) {
                    succeed(key, turn, result);
                  } else {
                    refuse(key, turn, failure);
                  }
                  advance(key);
                });
    return true;
  }

  private void refuse(Key key, Turn turn, Throwable failure) {
    over(key, turn, null);
    turn.answer.completeExceptionally(failure);
  }

  private void succeed(Key key, Turn turn, BatchResult<ModelResult> result) {
    StatePlan plan = plan(turn);
    List<Tensor> next = plan.next(result.value().outputs());
    over(key, turn, next);
    ModelResult visible = result.value().first(plan.visibleCount(turn.request));
    if (!turn.answer.complete(new BatchResult<>(visible, result.timing()))) {
      visible.close();
    }
  }

  /** The turn is over; null leaves what is kept as it was. */
  private synchronized void over(Key key, Turn turn, @Nullable List<Tensor> next) {
    Sequence sequence = sequences.get(key);
    if (sequence == null) {
      return;
    }
    sequence.over(ticker.getAsLong());
    if (next != null) {
      bytes -= sequence.bytes();
      if (turn.call.end()) {
        sequence.end();
      } else {
        sequence.keep(next);
      }
      bytes += sequence.bytes();
    }
    if (sequence.isIdle() && !sequence.isOpen()) {
      sequences.remove(key);
    }
  }

  private static StatePlan plan(Turn turn) {
    return turn.replica.states().orElseThrow();
  }
}
