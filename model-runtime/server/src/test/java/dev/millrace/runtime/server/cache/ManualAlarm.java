package dev.millrace.runtime.server.cache;

import java.util.ArrayList;
import java.util.List;

/** Alarms that ring when a test says so. */
final class ManualAlarm implements Flights.Alarm {
  private final List<Set> pending = new ArrayList<>();

  private record Set(long nanoTime, Runnable action) {}

  @Override
  public synchronized Runnable set(long nanoTime, Runnable action) {
    var set = new Set(nanoTime, action);
    pending.add(set);
    return () -> remove(set);
  }

  private synchronized void remove(Set set) {
    pending.removeIf(other -> other == set);
  }

  void advanceTo(long now) {
    List<Set> due;
    synchronized (this) {
      due = pending.stream().filter(set -> set.nanoTime() <= now).toList();
      pending.removeAll(due);
    }
    due.forEach(set -> set.action().run());
  }

  synchronized int pending() {
    return pending.size();
  }
}
