package dev.millrace.registry.event;

import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.control.Page;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.model.NameRule;
import dev.millrace.registry.store.ModelStore;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reading what happened to an endpoint and to the versions of its model. Thread-safe. */
public final class Events {
  private final ModelStore store;

  /** Reads from {@code store}. */
  public Events(ModelStore store) {
    this.store = store;
  }

  /**
   * Events on the endpoint and on its model with a sequence above {@code after}, oldest first. The
   * page token of the answer is the sequence to go on after.
   *
   * @param limit 1–1000
   */
  public Page<EventDocument> of(String project, String endpoint, long after, int limit) {
    var events =
        new ArrayList<>(store.events(project, subjects(project, endpoint), after, limit + 1));
    if (events.size() <= limit) {
      return new Page<>(events, null);
    }
    List<EventDocument> kept = events.subList(0, limit);
    return new Page<>(kept, Long.toString(kept.getLast().sequence()));
  }

  /** An endpoint that was deleted still has its past; a name nobody knows is NOT_FOUND. */
  private Set<String> subjects(String project, String endpoint) {
    var subjects = new LinkedHashSet<String>();
    subjects.add(NameRule.check("endpoint", endpoint));
    var record = store.endpoint(project, endpoint);
    record.ifPresent(it -> subjects.add(it.model()));
    if (record.isEmpty()
        && store.lastRevision(project, endpoint) == 0
        && store.lastVersion(project, endpoint) == 0) {
      throw MillraceException.of(ErrorCode.NOT_FOUND, "there is no endpoint '%s'", endpoint);
    }
    return subjects;
  }
}
