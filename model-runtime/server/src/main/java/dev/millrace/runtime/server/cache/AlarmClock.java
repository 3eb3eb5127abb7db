package dev.millrace.runtime.server.cache;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Alarms on {@link System#nanoTime()}, on one thread of its own. Thread-safe. */
final class AlarmClock implements Flights.Alarm, AutoCloseable {
  private final ScheduledThreadPoolExecutor executor =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().name("millrace-cache-alarms-", 0).daemon().factory());

  AlarmClock() {
    // Nearly every alarm is taken back: none may stay in the queue until its time.
    executor.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Runnable set(long nanoTime, Runnable action) {
    Future<?> alarm = executor.schedule(action, nanoTime - System.nanoTime(), TimeUnit.NANOSECONDS);
    return () -> alarm.cancel(false);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
