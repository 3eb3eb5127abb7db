package dev.millrace.registry.model;

import dev.millrace.protocol.control.ModelDocument;
import dev.millrace.protocol.control.Page;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.event.EventType;
import dev.millrace.registry.event.Journal;
import dev.millrace.registry.paging.PageRequest;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.ModelStore;
import java.util.List;

/** Reading and deleting models; the first upload makes one. Thread-safe. */
public final class Models {
  private final ModelStore store;
  private final Journal journal;

  /** Use cases over {@code store}. */
  public Models(ModelStore store, Journal journal) {
    this.store = store;
    this.journal = journal;
  }

  /** The model; NOT_FOUND when there is none of that name in the project. */
  public ModelDocument get(ModelKey key) {
    return store.model(key.project(), key.name()).orElseThrow(() -> missing(key.name()));
  }

  /** Models of a project by name. */
  public Page<ModelDocument> list(String project, PageRequest page) {
    return page.page(store.models(project, page.afterName(), page.size() + 1), ModelDocument::name);
  }

  /**
   * Deletes a model that has no versions left. Its numbers are not given out again: a new model of
   * the same name counts on.
   */
  public void delete(ModelKey key) {
    var model = get(key);
    if (model.latestVersion() > 0) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "model '%s' still has versions, the newest is %d (expected: delete its versions first)",
          key.name(),
          model.latestVersion());
    }
    var deleted =
        journal.commit(
            List.of(
                new Change.DropModel(key.project(), key.name()),
                journal.event(
                    key.project(),
                    key.name(),
                    EventType.MODEL_DELETED,
                    "model " + key.name() + " was deleted")));
    if (!deleted) {
      throw MillraceException.of(
          ErrorCode.STALE_REVISION,
          "model '%s' changed while it was being deleted: read it again, then repeat",
          key.name());
    }
  }

  /** The failure that says there is no model of that name. */
  public static MillraceException missing(String model) {
    return MillraceException.of(
        ErrorCode.NOT_FOUND, "there is no model '%s'", NameRule.quoted(model));
  }
}
