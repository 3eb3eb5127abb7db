package dev.millrace.registry.server.internal;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.internal.RepositoryChange;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.registry.Registry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Typed;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;

/**
 * The registry of the same process, by direct calls. Injected by its own type only, so that a
 * process with a link over HTTP is never in doubt which one it gets. Thread-safe.
 */
@ApplicationScoped
@Typed(LocalRegistryLink.class)
public class LocalRegistryLink implements RegistryLink {
  private final Registry registry;

  /** A link to {@code registry}. */
  @Inject
  public LocalRegistryLink(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Optional<Snapshot> snapshot(long after, String epoch, Audience audience, Duration wait)
      throws InterruptedException {
    return registry.snapshots().await(after, epoch, audience, wait);
  }

  @Override
  public void report(MemberReport member) {
    registry.report(member);
  }

  @Override
  public void leave(String memberId) {
    registry.leave(memberId);
  }

  @Override
  public void admission(AdmissionReport verdict) {
    registry.admission(verdict);
  }

  @Override
  public void profile(Profile measured) {
    registry.profiles().take(measured);
  }

  @Override
  public RepositoryChange.Made repository(RepositoryChange change) {
    return registry.repository().change(change);
  }

  @Override
  public InputStream openArtifact(String digest) throws IOException {
    return registry.blobs().open(digest);
  }
}
