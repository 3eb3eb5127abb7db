package dev.millrace.runtime.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FlightsTest {
  private static final long NEVER = Long.MAX_VALUE;

  private final ManualAlarm alarm = new ManualAlarm();
  private final Flights<String, String> flights =
      new Flights<>(failure -> failure instanceof OwnFault, alarm);
  private final List<ManualRun> runs = new ArrayList<>();
  private final List<Ride.Departure> left = new ArrayList<>();

  private static final class OwnFault extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final class ManualRun implements Run<String> {
    private final CompletableFuture<String> result = new CompletableFuture<>();
    private boolean cancelled;

    @Override
    public CompletableFuture<String> result() {
      return result;
    }

    @Override
    public void cancel() {
      cancelled = true;
      result.completeExceptionally(new OwnFault());
    }
  }

  private Passenger<String> board(String key, long deadline) {
    return flights.board(
        key,
        new Ride<>(
            deadline,
            () -> {
              runs.add(new ManualRun());
              return runs.getLast();
            },
            left::add));
  }

  private Passenger<String> board(String key) {
    return board(key, NEVER);
  }

  @Test
  void identicalCallsAreComputedOnce() {
    var first = board("a");
    var second = board("a");
    var other = board("b");

    assertThat(runs).hasSize(2);
    runs.get(0).result.complete("A");
    assertThat(first.result()).isCompletedWithValue("A");
    assertThat(second.result()).isCompletedWithValue("A");
    assertThat(other.result()).isNotDone();
    assertThat(first.isPilot()).isTrue();
    assertThat(second.isPilot()).isFalse();
    runs.get(1).result.complete("B");
    assertThat(flights.size()).isZero();
  }

  @Test
  void whoComesAfterTheEndIsComputedAnew() {
    board("a");
    runs.get(0).result.complete("A");

    assertThat(board("a").isPilot()).isTrue();
    assertThat(runs).hasSize(2);
  }

  @Test
  void theOnlyOneWhoLeavesStopsTheComputation() {
    var only = board("a");

    only.cancel();

    assertThat(code(only)).isEqualTo(ErrorCode.CLIENT_CLOSED);
    assertThat(runs.get(0).cancelled).isTrue();
    assertThat(flights.size()).isZero();
    assertThat(left).isEmpty();
  }

  @Test
  void whenThePilotLeavesTheComputationGoesOn() {
    var pilot = board("a");
    var follower = board("a");

    pilot.cancel();

    assertThat(code(pilot)).isEqualTo(ErrorCode.CLIENT_CLOSED);
    assertThat(left).containsExactly(Ride.Departure.CANCELLED);
    assertThat(runs.get(0).cancelled).isFalse();
    runs.get(0).result.complete("A");
    assertThat(follower.result()).isCompletedWithValue("A");
    assertThat(runs).hasSize(1);
  }

  @Test
  void aFollowerLeavesAlone() {
    var pilot = board("a");
    var follower = board("a");

    follower.cancel();

    assertThat(code(follower)).isEqualTo(ErrorCode.CLIENT_CLOSED);
    assertThat(pilot.result()).isNotDone();
    assertThat(runs.get(0).cancelled).isFalse();
    pilot.cancel();
    assertThat(runs.get(0).cancelled).isTrue();
  }

  @Test
  void aFollowersDeadlineHolds() {
    var pilot = board("a");
    var hasty = board("a", 100);
    var patient = board("a", 200);

    alarm.advanceTo(150);

    assertThat(code(hasty)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(left).containsExactly(Ride.Departure.EXPIRED);
    assertThat(patient.result()).isNotDone();
    runs.get(0).result.complete("A");
    assertThat(pilot.result()).isCompletedWithValue("A");
    assertThat(patient.result()).isCompletedWithValue("A");
    assertThat(alarm.pending()).isZero();
  }

  @Test
  void theNextOneComputesWhenThePilotsTimeIsOver() {
    var pilot = board("a");
    var second = board("a", 500);
    var third = board("a", 300);

    runs.get(0).result.completeExceptionally(new OwnFault());

    assertThat(failure(pilot)).isInstanceOf(OwnFault.class);
    assertThat(runs).hasSize(2);
    assertThat(second.isPilot()).isTrue();
    assertThat(third.isPilot()).isFalse();
    // Its own computation holds the deadline of the second one; the third still has an alarm.
    alarm.advanceTo(1_000);
    assertThat(second.result()).isNotDone();
    assertThat(code(third)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    runs.get(1).result.complete("A");
    assertThat(second.result()).isCompletedWithValue("A");
  }

  @Test
  void whatTheModelSaysFailsEverybody() {
    var pilot = board("a");
    var follower = board("a");

    runs.get(0).result.completeExceptionally(new IllegalStateException("bad row"));

    assertThat(failure(pilot)).hasMessage("bad row");
    assertThat(failure(follower)).hasMessage("bad row");
    assertThat(runs).hasSize(1);
    assertThat(flights.size()).isZero();
  }

  @Test
  void whoComesWhileItIsBeingStoppedIsComputedAnew() {
    var run = new ManualRun();
    var slowToStop =
        flights.board(
            "a",
            new Ride<>(
                NEVER,
                () ->
                    new Run<String>() {
                      @Override
                      public CompletableFuture<String> result() {
                        return run.result;
                      }

                      @Override
                      public void cancel() {
                        run.cancelled = true;
                      }
                    },
                left::add));
    slowToStop.cancel();
    assertThat(run.cancelled).isTrue();

    var late = board("a");
    assertThat(runs).isEmpty();
    run.result.completeExceptionally(new OwnFault());

    assertThat(runs).hasSize(1);
    runs.get(0).result.complete("A");
    assertThat(late.result()).isCompletedWithValue("A");
  }

  @Test
  void aThousandWhoAreRefusedAtOnceMakeNoDeepStack() {
    var first = board("a");
    var refused = new AtomicInteger();
    List<Passenger<String>> followers = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      followers.add(
          flights.board(
              "a",
              new Ride<>(
                  NEVER,
                  () -> {
                    refused.incrementAndGet();
                    throw new OwnFault();
                  },
                  left::add)));
    }

    runs.get(0).result.completeExceptionally(new OwnFault());

    assertThat(failure(first)).isInstanceOf(OwnFault.class);
    assertThat(refused).hasValue(20_000);
    assertThat(followers).allMatch(follower -> follower.result().isCompletedExceptionally());
    assertThat(flights.size()).isZero();
  }

  @Test
  void noCallIsLostBetweenThreads() throws Exception {
    var computed = new AtomicInteger();
    int threads = 8;
    int rounds = 2_000;
    var barrier = new CyclicBarrier(threads);
    var answers =
        IntStream.range(0, threads)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> race(barrier, i, rounds, computed), Thread::startVirtualThread))
            .toList();

    int answered = 0;
    for (var answer : answers) {
      answered += answer.get();
    }
    assertThat(answered).isEqualTo(threads * rounds);
    assertThat(computed.get()).isLessThanOrEqualTo(threads * rounds);
    assertThat(flights.size()).isZero();
  }

  /** Every third call goes away at once; all of them end. */
  private int race(CyclicBarrier barrier, int me, int rounds, AtomicInteger computed) {
    int answered = 0;
    for (int round = 0; round < rounds; round++) {
      try {
        barrier.await();
      } catch (Exception broken) {
        throw new IllegalStateException(broken);
      }
      var passenger =
          flights.board(
              "k" + round % 3,
              new Ride<>(
                  NEVER,
                  () -> {
                    computed.incrementAndGet();
                    var run = new ManualRun();
                    Thread.startVirtualThread(() -> run.result.complete("v"));
                    return run;
                  },
                  why -> {}));
      if ((round + me) % 3 == 0) {
        passenger.cancel();
      }
      answered += passenger.result().handle((value, failure) -> 1).join();
    }
    return answered;
  }

  private static ErrorCode code(Passenger<String> passenger) {
    return ((MillraceException) failure(passenger)).code();
  }

  private static Throwable failure(Passenger<String> passenger) {
    assertThat(passenger.result()).isCompletedExceptionally();
    return passenger
        .result()
        .handle(
            (value, failure) ->
                failure instanceof CompletionException ? failure.getCause() : failure)
        .join();
  }
}
