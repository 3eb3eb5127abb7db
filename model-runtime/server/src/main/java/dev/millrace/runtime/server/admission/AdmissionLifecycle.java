package dev.millrace.runtime.server.admission;

import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Verdict;
import dev.millrace.runtime.server.config.RuntimeConfig.AdmissionMode;
import dev.millrace.runtime.server.config.RuntimeOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Judges the versions that this runtime is asked to judge, each once each time somebody asks, and
 * repeats the verdict until the registry stops asking. A version whose files cannot be fetched gets
 * no verdict yet. Versions that were admitted on other hardware are measured here once they are
 * loaded.
 *
 * <p>Thread-safe; works on a thread of its own, so that loading never waits for judging.
 */
@ApplicationScoped
public class AdmissionLifecycle {
  private static final Logger LOG = Logger.getLogger(AdmissionLifecycle.class);

  private final VersionJudge judge;
  private final RegistryLink link;
  private final String hardwareClass;
  private final boolean measures;
  private final Map<VersionKey, AdmissionReport> verdicts = new ConcurrentHashMap<>();
  private final Set<VersionKey> working = ConcurrentHashMap.newKeySet();
  private final Set<String> measured = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean measuring = new AtomicBoolean();
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("millrace-admission-", 0).daemon().factory());

  /** Follows nothing yet. */
  @Inject
  public AdmissionLifecycle(
      VersionJudge judge, RegistryLink link, RuntimeOptions runtime, AdmissionOptions options) {
    this.judge = judge;
    this.link = link;
    this.hardwareClass = runtime.member().hardwareClass();
    // In this process a measurement would run among the calls that it is to serve better.
    this.measures = options.mode() == AdmissionMode.CHILD;
  }

  /**
   * Takes the lists that stand now; called again and again with the same ones. Returns at once.
   *
   * @param asked versions to judge
   * @param loaded versions to have loaded
   */
  public void follow(List<VersionEntry> asked, Collection<VersionEntry> loaded) {
    Set<VersionKey> keys = asked.stream().map(VersionEntry::key).collect(Collectors.toSet());
    verdicts.keySet().retainAll(keys);
    for (VersionEntry version : asked) {
      if (working.add(version.key())) {
        execute(() -> work(version));
      }
    }
    // Nobody waits for a measurement: one at a time, and only while there is nothing to judge.
    if (measures && working.isEmpty() && !measuring.get()) {
      loaded.stream()
          .filter(version -> version.profile(hardwareClass).isEmpty())
          .filter(version -> measured.add(version.digest()))
          .findFirst()
          .ifPresent(
              version -> {
                measuring.set(true);
                execute(() -> measure(version));
              });
    }
  }

  /** Ends what runs, without a verdict. */
  public void stop() {
    worker.shutdownNow();
  }

  private void execute(Runnable task) {
    try {
      worker.execute(task);
    } catch (RejectedExecutionException stopping) {
      LOG.debug("no admission: stopping");
    }
  }

  private void work(VersionEntry version) {
    try {
      AdmissionReport verdict = verdicts.get(version.key());
      if (verdict == null || verdict.validation() != version.validation()) {
        verdict = report(version);
        verdicts.put(version.key(), verdict);
      }
      link.admission(verdict);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException noVerdict) {
      LOG.warnf("version=%s: no verdict yet, trying again: %s", version.key(), noVerdict);
    } finally {
      working.remove(version.key());
    }
  }

  private AdmissionReport report(VersionEntry version) throws IOException, InterruptedException {
    return switch (judge.judge(version)) {
      case Verdict.Admitted admitted -> {
        LOG.infof("version=%s: admitted", version.key());
        yield new AdmissionReport(
            version.key(),
            true,
            null,
            admitted.signature(),
            admitted.loadTime().toMillis(),
            admitted.profile(),
            version.validation());
      }
      case Verdict.Rejected rejected -> {
        LOG.infof("version=%s: rejected: %s", version.key(), rejected.reason());
        yield new AdmissionReport(
            version.key(), false, rejected.reason(), null, 0, null, version.validation());
      }
    };
  }

  private void measure(VersionEntry version) {
    try {
      switch (judge.judge(version)) {
        case Verdict.Admitted admitted -> {
          link.profile(admitted.profile());
          LOG.infof("version=%s: measured on %s", version.key(), hardwareClass);
        }
        case Verdict.Rejected rejected ->
            LOG.warnf(
                "version=%s: not measured on %s: %s",
                version.key(), hardwareClass, rejected.reason());
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException notNow) {
      LOG.warnf("version=%s: not measured on %s: %s", version.key(), hardwareClass, notNow);
    } finally {
      measuring.set(false);
    }
  }
}
