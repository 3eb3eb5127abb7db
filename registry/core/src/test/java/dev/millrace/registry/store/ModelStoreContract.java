package dev.millrace.registry.store;

import static dev.millrace.registry.store.StoreSamples.NOW;
import static dev.millrace.registry.store.StoreSamples.digest;
import static dev.millrace.registry.store.StoreSamples.endpoint;
import static dev.millrace.registry.store.StoreSamples.serves;
import static dev.millrace.registry.store.StoreSamples.serving;
import static dev.millrace.registry.store.StoreSamples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.control.AliasDocument;
import dev.millrace.protocol.control.EndpointRevision;
import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.control.ModelDocument;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.VersionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link ModelStore} keeps. An implementation's test extends this with one method. */
public abstract class ModelStoreContract {
  private static final VersionKey IRIS_1 = new VersionKey("default", "iris", 1);

  private ModelStore store;

  /** A store that nothing was written to. */
  protected abstract ModelStore emptyStore() throws Exception;

  @BeforeEach
  void open() throws Exception {
    store = emptyStore();
  }

  @Test
  void knowsNothingAtFirst() {
    assertThat(store.model("default", "iris")).isEmpty();
    assertThat(store.version(IRIS_1)).isEmpty();
    assertThat(store.lastVersion("default", "iris")).isZero();
    assertThat(store.lastRevision("default", "iris")).isZero();
    assertThat(store.keys()).isEmpty();
    assertThat(store.feed().number()).isZero();
    assertThat(store.feed().epoch()).isNotBlank().isEqualTo(store.feed().epoch());
  }

  @Test
  void returnsAVersionAsItWasWritten() {
    givenVersions("iris", 1);

    assertThat(store.version(IRIS_1)).contains(version("iris", 1));
    assertThat(store.versionByDigest("default", "iris", digest(1))).contains(version("iris", 1));
    assertThat(store.versionByDigest("default", "other", digest(1))).isEmpty();
    assertThat(store.model("default", "iris"))
        .contains(new ModelDocument("default", "iris", 1, Map.of(), NOW));
  }

  @Test
  void keepsProjectsApart() {
    givenVersions("iris", 1);

    assertThat(store.model("other", "iris")).isEmpty();
    assertThat(store.models("other", "", 10)).isEmpty();
    assertThat(store.version(new VersionKey("other", "iris", 1))).isEmpty();
  }

  @Test
  void refusesASecondModelOfTheSameName() {
    var model = new Change.NewModel("default", "iris", NOW);
    assertThat(store.commit(List.of(model))).isTrue();
    assertThat(store.commit(List.of(model))).isFalse();
  }

  @Test
  void refusesAVersionWithoutModelOrOutOfOrderOrWithAKnownDigest() {
    assertThat(store.commit(List.of(new Change.NewVersion(version("iris", 1))))).isFalse();
    givenVersions("iris", 1);
    assertThat(store.commit(List.of(new Change.NewVersion(version("iris", 3))))).isFalse();
    assertThat(store.commit(List.of(new Change.NewVersion(version("iris", 1))))).isFalse();
    var twin = version("iris", 2);
    var sameDigest =
        new VersionDocument(
            twin.project(),
            twin.model(),
            2,
            digest(1),
            twin.state(),
            null,
            twin.signature(),
            twin.format(),
            twin.manifest(),
            twin.artifacts(),
            NOW);
    assertThat(store.commit(List.of(new Change.NewVersion(sameDigest)))).isFalse();
    assertThat(store.lastVersion("default", "iris")).isEqualTo(1);
  }

  @Test
  void appliesAllChangesOrNone() {
    givenVersions("iris", 1);

    var refused =
        store.commit(
            List.of(
                new Change.NewModel("default", "other", NOW),
                new Change.NewEvent(NOW, "default", "other", "T", "m"),
                new Change.DropAlias("default", "iris", "absent", 1)));

    assertThat(refused).isFalse();
    assertThat(store.model("default", "other")).isEmpty();
    assertThat(store.events("default", Set.of("other"), 0, 10)).isEmpty();
  }

  @Test
  void aVersionIsJudgedAgainOnceAtATime() {
    givenVersions("iris", 1);
    var ready = new Change.JudgeAgain(IRIS_1, VersionState.READY, 1);
    assertThat(store.commit(List.of(ready))).as("while it is UPLOADED").isFalse();
    store.commit(List.of(move(VersionState.UPLOADED, VersionState.READY)));
    assertThat(store.versionsJudgedAgain(10)).isEmpty();

    assertThat(store.commit(List.of(ready))).isTrue();

    var marked = store.version(IRIS_1).orElseThrow();
    assertThat(marked.state()).isEqualTo(VersionState.READY);
    assertThat(marked.validatingAgain()).isTrue();
    assertThat(marked.validations()).isEqualTo(2);
    assertThat(store.versionsJudgedAgain(10)).containsExactly(marked);
    assertThat(store.commit(List.of(new Change.JudgeAgain(IRIS_1, VersionState.READY, 2))))
        .as("while it is being judged")
        .isFalse();
    assertThat(store.commit(List.of(new Change.JudgedAgain(IRIS_1, 1, "slow")))).isFalse();
    assertThat(store.commit(List.of(new Change.JudgedAgain(IRIS_1, 2, "slow")))).isTrue();
    assertThat(store.commit(List.of(new Change.JudgedAgain(IRIS_1, 2, "slow")))).isFalse();
    assertThat(store.versionsJudgedAgain(10)).isEmpty();
    assertThat(store.version(IRIS_1).orElseThrow().reason()).isEqualTo("slow");
    store.commit(List.of(new Change.JudgeAgain(IRIS_1, VersionState.READY, 2)));
    assertThat(store.version(IRIS_1).orElseThrow().reason()).isNull();
  }

  @Test
  void aRejectedVersionIsValidatingAgain() {
    givenVersions("iris", 1);
    store.commit(
        List.of(
            new Change.MoveVersion(
                IRIS_1, VersionState.UPLOADED, VersionState.REJECTED, "too slow", null)));

    assertThat(store.commit(List.of(new Change.JudgeAgain(IRIS_1, VersionState.REJECTED, 1))))
        .isTrue();

    var validating = store.version(IRIS_1).orElseThrow();
    assertThat(validating.state()).isEqualTo(VersionState.VALIDATING);
    assertThat(validating.reason()).isNull();
    assertThat(validating.validatingAgain()).isFalse();
    assertThat(validating.validations()).isEqualTo(2);
    assertThat(store.versionsJudgedAgain(10)).isEmpty();
  }

  @Test
  void movesAVersionOnlyFromTheExpectedState() {
    givenVersions("iris", 1);
    var rejects =
        new Change.MoveVersion(
            IRIS_1, VersionState.VALIDATING, VersionState.REJECTED, "no such operator", null);

    assertThat(store.commit(List.of(rejects))).isFalse();
    assertThat(store.commit(List.of(move(VersionState.UPLOADED, VersionState.VALIDATING))))
        .isTrue();
    assertThat(store.versionsIn(VersionState.VALIDATING, 10)).hasSize(1);
    assertThat(store.commit(List.of(rejects))).isTrue();

    var rejected = store.version(IRIS_1).orElseThrow();
    assertThat(rejected.state()).isEqualTo(VersionState.REJECTED);
    assertThat(rejected.reason()).isEqualTo("no such operator");
    assertThat(rejected.signature()).isEqualTo(StoreSamples.SIGNATURE);
    assertThat(store.versionsIn(VersionState.VALIDATING, 10)).isEmpty();
  }

  @Test
  void replacesTheSignatureWhenTold() {
    givenVersions("iris", 1);
    var refined =
        new dev.millrace.protocol.control.Signature(List.of(), StoreSamples.SIGNATURE.outputs());

    store.commit(
        List.of(
            new Change.MoveVersion(
                IRIS_1, VersionState.UPLOADED, VersionState.READY, null, refined)));

    assertThat(store.version(IRIS_1).orElseThrow().signature()).isEqualTo(refined);
  }

  @Test
  void pagesModelsByNameAndVersionsFromTheNewest() {
    givenVersions("a", 3);
    givenVersions("b", 1);
    givenVersions("c", 1);

    assertThat(store.models("default", "", 2)).extracting("name").containsExactly("a", "b");
    assertThat(store.models("default", "b", 2)).extracting("name").containsExactly("c");
    assertThat(store.versions("default", "a", Long.MAX_VALUE, 2))
        .extracting("version")
        .containsExactly(3, 2);
    assertThat(store.versions("default", "a", 2, 2)).extracting("version").containsExactly(1);
  }

  @Test
  void movesAnAliasByCompareAndSet() {
    givenVersions("iris", 2);

    assertThat(store.commit(List.of(alias(1, 0)))).isTrue();
    assertThat(store.commit(List.of(alias(2, 0)))).isFalse();
    assertThat(store.commit(List.of(alias(2, 1)))).isTrue();
    assertThat(store.commit(List.of(alias(9, 2)))).isFalse();

    assertThat(store.alias("default", "iris", "champion"))
        .contains(new AliasDocument("champion", 2, 2));
    assertThat(store.model("default", "iris").orElseThrow().aliases())
        .isEqualTo(Map.of("champion", 2));
    assertThat(store.commit(List.of(new Change.DropAlias("default", "iris", "champion", 1))))
        .isFalse();
    assertThat(store.commit(List.of(new Change.DropAlias("default", "iris", "champion", 2))))
        .isTrue();
    assertThat(store.alias("default", "iris", "champion")).isEmpty();
  }

  @Test
  void keepsAnEndpointAndItsHistory() {
    givenVersions("iris", 2);
    var first = endpoint("iris", 1, serves(1));
    var second = serving(endpoint("iris", 2, serves(2)), 1);

    assertThat(store.commit(List.of(new Change.PutEndpoint(first, 0)))).isTrue();
    assertThat(store.commit(List.of(new Change.PutEndpoint(second, 0)))).isFalse();
    assertThat(store.commit(List.of(new Change.PutEndpoint(second, 1)))).isTrue();

    assertThat(store.endpoint("default", "iris")).contains(second);
    assertThat(store.allEndpoints()).containsExactly(second);
    assertThat(store.endpoints("default", "", 10)).containsExactly(second);
    assertThat(store.revisions("default", "iris", Long.MAX_VALUE, 10))
        .containsExactly(
            new EndpointRevision(2, serves(2), NOW, "key1", "because"),
            new EndpointRevision(1, serves(1), NOW, "key1", "because"));
    assertThat(store.revisions("default", "iris", 2, 10)).hasSize(1);
    assertThat(store.endpointsUsing(IRIS_1)).containsExactly("iris");
  }

  @Test
  void refusesAnEndpointThatNamesAMissingVersion() {
    givenVersions("iris", 1);
    assertThat(store.commit(List.of(new Change.PutEndpoint(endpoint("e", 1, serves(1)), 0))))
        .isFalse();
    assertThat(store.commit(List.of(new Change.PutEndpoint(endpoint("iris", 1, serves(2)), 0))))
        .isFalse();
  }

  @Test
  void putsWeightsInForceOnlyAtTheExpectedRevision() {
    givenVersions("iris", 1);
    var record = endpoint("iris", 1, serves(1));
    store.commit(List.of(new Change.PutEndpoint(record, 0)));

    var stale = serving(endpoint("iris", 2, serves(1)), 1);
    assertThat(store.commit(List.of(new Change.PutInForce(stale)))).isFalse();
    assertThat(store.commit(List.of(new Change.PutInForce(serving(record, 1))))).isTrue();
    assertThat(store.endpoint("default", "iris")).contains(serving(record, 1));
  }

  @Test
  void refusesToDropAVersionThatIsUsed() {
    givenVersions("iris", 2);
    var drop = List.<Change>of(new Change.DropVersion(IRIS_1));
    var record = endpoint("iris", 1, serves(2));
    store.commit(List.of(new Change.PutEndpoint(record, 0)));
    store.commit(List.of(new Change.PutInForce(serving(record, 1))));
    store.commit(List.of(alias(1, 0)));

    assertThat(store.commit(drop)).isFalse();
    store.commit(List.of(new Change.DropEndpoint("default", "iris", 1)));
    assertThat(store.commit(drop)).isFalse();
    store.commit(List.of(new Change.DropAlias("default", "iris", "champion", 1)));
    assertThat(store.commit(drop)).isTrue();
    assertThat(store.version(IRIS_1)).isEmpty();
    assertThat(store.commit(drop)).isFalse();
  }

  @Test
  void givesNoNumberOutTwice() {
    givenVersions("iris", 1);
    store.commit(List.of(new Change.PutEndpoint(endpoint("iris", 1, serves(1)), 0)));
    store.commit(List.of(new Change.DropEndpoint("default", "iris", 1)));
    assertThat(store.commit(List.of(new Change.DropModel("default", "iris")))).isFalse();
    store.commit(List.of(new Change.DropVersion(IRIS_1)));
    assertThat(store.commit(List.of(new Change.DropModel("default", "iris")))).isTrue();

    assertThat(store.model("default", "iris")).isEmpty();
    assertThat(store.endpoint("default", "iris")).isEmpty();
    assertThat(store.revisions("default", "iris", Long.MAX_VALUE, 10)).isEmpty();
    assertThat(store.lastVersion("default", "iris")).isEqualTo(1);
    assertThat(store.lastRevision("default", "iris")).isEqualTo(1);
  }

  @Test
  void takesOneFirstKey() {
    var key = new Snapshot.KeyEntry("abc", "c2FsdA==", "aGFzaA==", "default", List.of("admin"));
    assertThat(store.commit(List.of(new Change.FirstKey(key, NOW)))).isTrue();
    assertThat(store.commit(List.of(new Change.FirstKey(key, NOW)))).isFalse();
    assertThat(store.keys()).containsExactly(key);
  }

  @Test
  void listsEventsOfSubjectsInOrder() {
    for (var subject : List.of("a", "b", "a", "c")) {
      store.commit(List.of(new Change.NewEvent(NOW, "default", subject, "T", "of " + subject)));
    }

    var events = store.events("default", List.of("a", "b"), 0, 10);
    assertThat(events).extracting(EventDocument::subject).containsExactly("a", "b", "a");
    assertThat(events).extracting(EventDocument::sequence).isSorted().doesNotHaveDuplicates();
    assertThat(store.events("default", List.of("a"), events.get(0).sequence(), 10)).hasSize(1);
    assertThat(store.events("default", List.of("a", "b"), 0, 2)).hasSize(2);
    assertThat(store.events("other", List.of("a"), 0, 10)).isEmpty();
    assertThat(events.get(0))
        .isEqualTo(new EventDocument(events.get(0).sequence(), NOW, "default", "a", "T", "of a"));
  }

  @Test
  void knowsWhichArtifactsAreNamed() {
    givenVersions("iris", 2);

    assertThat(store.referenced(List.of(digest(7), digest(1001), digest(5))))
        .containsExactlyInAnyOrder(digest(7), digest(1001));
    assertThat(store.referenced(List.of())).isEmpty();
  }

  @Test
  void keepsOneProfileOfEachDigestAndHardwareClass() {
    givenVersions("iris", 2);
    var cpu = StoreSamples.profile(digest(1), "cpu", 3);
    var gpu = StoreSamples.profile(digest(1), "h100", 1);
    var newer = StoreSamples.profile(digest(1), "cpu", 4);

    assertThat(store.profiles(List.of(digest(1)))).isEmpty();
    assertThat(store.commit(List.of(new Change.PutProfile(cpu), new Change.PutProfile(gpu))))
        .isTrue();
    assertThat(store.profiles(List.of(digest(1), digest(2)))).containsExactly(cpu, gpu);
    assertThat(store.commit(List.of(new Change.PutProfile(newer)))).isTrue();

    assertThat(store.profiles(List.of(digest(1)))).containsExactly(newer, gpu);
    assertThat(store.profiles(List.of(digest(2)))).isEmpty();
    assertThat(store.profiles(List.of())).isEmpty();
  }

  @Test
  void profilesLiveAsLongAsAVersionOfTheirFiles() {
    givenVersions("iris", 1);
    givenVersions("twin", 1);
    var profile = StoreSamples.profile(digest(1), "cpu", 3);
    var unknown = StoreSamples.profile(digest(9), "cpu", 3);
    assertThat(store.commit(List.of(new Change.PutProfile(unknown)))).isFalse();
    assertThat(store.commit(List.of(new Change.PutProfile(profile)))).isTrue();

    store.commit(List.of(new Change.DropVersion(IRIS_1)));
    assertThat(store.profiles(List.of(digest(1)))).containsExactly(profile);
    store.commit(List.of(new Change.DropVersion(new VersionKey("default", "twin", 1))));
    assertThat(store.profiles(List.of(digest(1)))).isEmpty();
  }

  @Test
  void advancesTheFeedByCompareAndSet() {
    assertThat(store.commit(List.of(new Change.AdvanceFeed(0, 1)))).isTrue();
    assertThat(store.commit(List.of(new Change.AdvanceFeed(0, 2)))).isFalse();
    assertThat(store.feed().number()).isEqualTo(1);
  }

  @Test
  void letsOneOfManyWritersWin() throws Exception {
    givenVersions("iris", 1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var writers = new ArrayList<Callable<Boolean>>();
      for (int i = 0; i < 16; i++) {
        writers.add(() -> store.commit(List.of(alias(1, 0))));
      }
      int won = 0;
      for (var writer : threads.invokeAll(writers)) {
        won += writer.get() ? 1 : 0;
      }
      assertThat(won).isEqualTo(1);
    }
  }

  private void givenVersions(String model, int count) {
    assertThat(store.commit(List.of(new Change.NewModel("default", model, NOW)))).isTrue();
    for (int number = 1; number <= count; number++) {
      assertThat(store.commit(List.of(new Change.NewVersion(version(model, number))))).isTrue();
    }
  }

  private static Change alias(int version, long expected) {
    return new Change.PutAlias("default", "iris", "champion", version, expected);
  }

  private static Change move(VersionState from, VersionState to) {
    return new Change.MoveVersion(IRIS_1, from, to, null, null);
  }
}
