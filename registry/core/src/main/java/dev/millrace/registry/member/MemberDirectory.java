package dev.millrace.registry.member;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.registry.model.NameRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * The runtimes that are alive: each report keeps one for the time to live. Held in memory only,
 * since members report again within seconds. Thread-safe.
 */
public final class MemberDirectory {
  private static final int MOST_MEMBERS = 10_000;
  private static final int MOST_REPLICAS = 10_000;
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}");

  private final long timeToLive;
  private final LongSupplier ticker;
  private final TreeMap<String, Heard> members = new TreeMap<>();

  private record Heard(MemberReport report, long at) {}

  /**
   * An empty directory.
   *
   * @param timeToLive how long one report keeps a member
   * @param ticker nanoseconds of a clock that never jumps
   */
  public MemberDirectory(Duration timeToLive, LongSupplier ticker) {
    this.timeToLive = timeToLive.toNanos();
    this.ticker = ticker;
  }

  /** Takes a report; whether anything but the time has changed. */
  public synchronized boolean report(MemberReport report) {
    check(report);
    if (!members.containsKey(report.id()) && members.size() >= MOST_MEMBERS) {
      throw MillraceException.of(
          ErrorCode.OVERLOADED, "there are already %d members", MOST_MEMBERS);
    }
    var before = members.put(report.id(), new Heard(report, ticker.getAsLong()));
    return before == null || !before.report().equals(report);
  }

  /** Forgets a member; whether there was one. */
  public synchronized boolean leave(String id) {
    return members.remove(id) != null;
  }

  /** Forgets members whose time is over; returns their ids. */
  public synchronized List<String> expire() {
    var gone = new ArrayList<String>();
    long now = ticker.getAsLong();
    members
        .values()
        .removeIf(
            it -> {
              boolean over = now - it.at() > timeToLive;
              if (over) {
                gone.add(it.report().id());
              }
              return over;
            });
    return gone;
  }

  /** The last reports of those that are alive, by id. */
  public synchronized List<MemberReport> alive() {
    return members.values().stream().map(Heard::report).toList();
  }

  private static void check(MemberReport report) {
    if (report.id() == null || !ID.matcher(report.id()).matches()) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "member id '%s' is not valid (expected: 1-128 letters, digits and . _ : @ -)",
          NameRule.quoted(String.valueOf(report.id())));
    }
    if (report.pool() == null || report.replicas() == null || report.httpAddress() == null) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "member '%s' leaves out its pool, replicas or httpAddress",
          report.id());
    }
    NameRule.check("pool", report.pool());
    if (report.replicas().size() > MOST_REPLICAS) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "member '%s' reports %d replicas (at most %d)",
          report.id(),
          report.replicas().size(),
          MOST_REPLICAS);
    }
  }
}
