package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.AdmissionProbe;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Judges the versions that this runtime is asked to judge, each once, and repeats the verdict until
 * the registry stops asking. A version whose files cannot be fetched gets no verdict yet.
 */
@ApplicationScoped
class AdmissionLifecycle {
  private static final Logger LOG = Logger.getLogger(AdmissionLifecycle.class);

  private final ReplicaLoader loader;
  private final RegistryLink link;
  private final Map<VersionKey, AdmissionReport> verdicts = new ConcurrentHashMap<>();
  private final Set<VersionKey> working = ConcurrentHashMap.newKeySet();

  AdmissionLifecycle(ReplicaLoader loader, RegistryLink link) {
    this.loader = loader;
    this.link = link;
  }

  /**
   * Takes the list that stands now; called again and again with the same one.
   *
   * @param workers where judging and telling run
   */
  void follow(List<VersionEntry> asked, Executor workers) {
    Set<VersionKey> keys = asked.stream().map(VersionEntry::key).collect(Collectors.toSet());
    verdicts.keySet().retainAll(keys);
    for (VersionEntry version : asked) {
      if (working.add(version.key())) {
        workers.execute(() -> work(version));
      }
    }
  }

  private void work(VersionEntry version) {
    try {
      AdmissionReport verdict = verdicts.get(version.key());
      if (verdict == null) {
        verdict = judge(version);
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

  private AdmissionReport judge(VersionEntry version) throws IOException, InterruptedException {
    return switch (loader.admit(version)) {
      case AdmissionProbe.Verdict.Admitted admitted -> {
        LOG.infof("version=%s: admitted", version.key());
        yield new AdmissionReport(
            version.key(), true, null, admitted.signature(), admitted.loadTime().toMillis());
      }
      case AdmissionProbe.Verdict.Rejected rejected -> {
        LOG.infof("version=%s: rejected: %s", version.key(), rejected.reason());
        yield new AdmissionReport(version.key(), false, rejected.reason(), null, 0);
      }
    };
  }
}
