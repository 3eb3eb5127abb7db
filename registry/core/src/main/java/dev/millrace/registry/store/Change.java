package dev.millrace.registry.store;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.VersionKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One small atomic change with the condition under which it holds. {@link ModelStore#commit}
 * applies a list of them or none, so what must happen together is one list.
 */
public sealed interface Change {
  /**
   * Who changed something, when and why.
   *
   * @param reason a few words for the history; possibly empty
   */
  record Origin(Instant at, String by, String reason) {}

  /** Makes a model. Condition: there is none of that name. */
  record NewModel(String project, String name, Instant at) implements Change {}

  /**
   * Adds a version. Conditions: the model exists, the number is the one after the last ever given,
   * and no version of the model has the same digest.
   */
  record NewVersion(VersionDocument version) implements Change {}

  /**
   * Moves a version to another state. Condition: it is in {@code from}.
   *
   * @param reason why it was rejected; null otherwise
   * @param signature replaces the one on record; null keeps it
   */
  record MoveVersion(
      VersionKey version,
      VersionState from,
      VersionState to,
      @Nullable String reason,
      @Nullable Signature signature)
      implements Change {}

  /**
   * Has a version judged once more: one that was REJECTED is VALIDATING again, one that is READY
   * stays so and is marked. Conditions: it is in {@code from}, one of these two, has no such mark,
   * and was judged {@code times} times.
   */
  record JudgeAgain(VersionKey version, VersionState from, int times) implements Change {}

  /**
   * Takes the mark from a version that was judged once more. Condition: it has the mark, and this
   * was the {@code times}th time.
   *
   * @param reason why it failed; null when it passed
   */
  record JudgedAgain(VersionKey version, int times, @Nullable String reason) implements Change {}

  /**
   * Puts what was measured in the place of the profile of the same digest and hardware class.
   * Condition: a version of that digest exists.
   */
  record PutProfile(Profile profile) implements Change {}

  /**
   * Deletes a version, and the profiles of its digest when no other version has the same.
   * Conditions: it exists, and no alias or endpoint names it.
   */
  record DropVersion(VersionKey version) implements Change {}

  /** Deletes a model. Conditions: it exists and has no versions. */
  record DropModel(String project, String name) implements Change {}

  /**
   * Makes or moves an alias; its revision becomes {@code expected + 1}. Conditions: the version
   * exists, and the alias is at revision {@code expected}, 0 for none.
   */
  record PutAlias(String project, String model, String alias, int version, long expected)
      implements Change {}

  /** Removes an alias. Condition: it is at revision {@code expected}. */
  record DropAlias(String project, String model, String alias, long expected) implements Change {}

  /**
   * Makes or replaces an endpoint and adds the revision to its history. Conditions: all versions it
   * names exist, it is at revision {@code expected} (0 for none), and its new revision is the one
   * after the last ever given.
   */
  record PutEndpoint(EndpointRecord endpoint, long expected) implements Change {}

  /**
   * Puts other weights in force. Conditions: the endpoint is at {@code revision}, and all versions
   * that are named exist.
   */
  record PutInForce(EndpointRecord endpoint) implements Change {}

  /** Deletes an endpoint and its history. Condition: it is at revision {@code expected}. */
  record DropEndpoint(String project, String name, long expected) implements Change {}

  /** Adds the first credential. Condition: there is none. */
  record FirstKey(Snapshot.KeyEntry key, Instant at) implements Change {}

  /** Tells what happened. The store keeps at least the newest 10,000. */
  record NewEvent(Instant at, String project, String subject, String type, String message)
      implements Change {}

  /** Moves the snapshot feed on. Condition: it stands at {@code from}. */
  record AdvanceFeed(long from, long to) implements Change {}
}
