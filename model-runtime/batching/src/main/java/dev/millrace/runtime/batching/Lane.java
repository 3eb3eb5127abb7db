package dev.millrace.runtime.batching;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The waiting requests of one family and length, apart by project and priority level. */
final class Lane<P, R> {
  /** Few projects share a lane; shares of those that left are kept up to this many. */
  private static final int KEPT_SHARES = 8;

  final Family<P, R> family;
  final int length;
  int requests;
  long rows;
  private final List<Share<P, R>> shares = new ArrayList<>(1);

  Lane(Family<P, R> family, int length) {
    this.family = family;
    this.length = length;
  }

  /** What one flow has in this lane. */
  private record Share<P, R>(Flow<P, R> flow, RequestHeap<P, R> requests) {}

  void add(QueuedRequest<P, R> entry, Flow<P, R> flow) {
    Share<P, R> share = share(flow);
    if (share == null) {
      share = new Share<>(flow, new RequestHeap<>(RequestHeap.Use.LANE));
      shares.add(share);
    }
    share.requests.add(entry);
    entry.lane = this;
    requests++;
    rows += entry.request.rows();
    family.rows += entry.request.rows();
  }

  void remove(QueuedRequest<P, R> entry, Flow<P, R> flow) {
    Share<P, R> share = share(flow);
    if (share == null) {
      throw new IllegalStateException("the request does not wait in this lane");
    }
    share.requests.remove(entry);
    if (share.requests.size() == 0 && shares.size() > KEPT_SHARES) {
      shares.remove(share);
    }
    entry.lane = null;
    requests--;
    rows -= entry.request.rows();
    family.rows -= entry.request.rows();
  }

  /** The most urgent request of the flow in this lane. */
  @Nullable QueuedRequest<P, R> first(Flow<P, R> flow) {
    Share<P, R> share = share(flow);
    return share == null ? null : share.requests.first();
  }

  private @Nullable Share<P, R> share(Flow<P, R> flow) {
    for (int i = 0; i < shares.size(); i++) {
      if (shares.get(i).flow == flow) {
        return shares.get(i);
      }
    }
    return null;
  }
}
