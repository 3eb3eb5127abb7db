package dev.millrace.cli.maven;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.maven.repository.internal.MavenRepositorySystemUtils;
import org.apache.maven.settings.Mirror;
import org.apache.maven.settings.Profile;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Repository;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.repository.Authentication;
import org.eclipse.aether.repository.LocalRepository;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.TransferEvent;
import org.eclipse.aether.util.repository.AuthenticationBuilder;
import org.eclipse.aether.util.repository.DefaultAuthenticationSelector;
import org.eclipse.aether.util.repository.DefaultMirrorSelector;
import org.eclipse.aether.util.repository.DefaultProxySelector;
import org.jspecify.annotations.Nullable;

/** A resolver session that behaves as the user's settings say. */
final class RepositorySession {
  private static final String CENTRAL = "https://repo.maven.apache.org/maven2";

  private RepositorySession() {}

  static DefaultRepositorySystemSession open(
      RepositorySystem system, MavenSettings maven, DownloadListener listener) {
    Settings settings = maven.settings();
    DefaultRepositorySystemSession session = MavenRepositorySystemUtils.newSession();
    session.setOffline(settings.isOffline());
    session.setMirrorSelector(mirrors(settings));
    session.setProxySelector(proxies(settings));
    session.setAuthenticationSelector(credentials(settings));
    session.setSystemProperties(System.getProperties());
    session.setTransferListener(new Forwarding(listener));
    var local = new LocalRepository(maven.localRepository().toFile());
    session.setLocalRepositoryManager(system.newLocalRepositoryManager(session, local));
    return session;
  }

  /** Central, and what the active profiles add; mirrors, proxies and credentials applied. */
  static List<RemoteRepository> repositories(
      RepositorySystem system, DefaultRepositorySystemSession session, Settings settings) {
    var urls = new LinkedHashMap<String, String>();
    for (Profile profile : settings.getProfiles()) {
      boolean active =
          settings.getActiveProfiles().contains(profile.getId())
              || (profile.getActivation() != null && profile.getActivation().isActiveByDefault());
      if (active) {
        for (Repository repository : profile.getRepositories()) {
          urls.putIfAbsent(repository.getId(), repository.getUrl());
        }
      }
    }
    urls.putIfAbsent("central", CENTRAL);
    var repositories = new ArrayList<RemoteRepository>();
    for (Map.Entry<String, String> each : urls.entrySet()) {
      repositories.add(
          new RemoteRepository.Builder(each.getKey(), "default", each.getValue()).build());
    }
    return system.newResolutionRepositories(session, repositories);
  }

  private static DefaultMirrorSelector mirrors(Settings settings) {
    var selector = new DefaultMirrorSelector();
    for (Mirror mirror : settings.getMirrors()) {
      selector.add(
          mirror.getId(),
          mirror.getUrl(),
          mirror.getLayout(),
          false,
          mirror.isBlocked(),
          mirror.getMirrorOf(),
          mirror.getMirrorOfLayouts());
    }
    return selector;
  }

  private static DefaultProxySelector proxies(Settings settings) {
    var selector = new DefaultProxySelector();
    for (Proxy proxy : settings.getProxies()) {
      if (proxy.isActive()) {
        selector.add(
            new org.eclipse.aether.repository.Proxy(
                proxy.getProtocol(),
                proxy.getHost(),
                proxy.getPort(),
                authentication(proxy.getUsername(), proxy.getPassword())),
            proxy.getNonProxyHosts());
      }
    }
    return selector;
  }

  private static DefaultAuthenticationSelector credentials(Settings settings) {
    var selector = new DefaultAuthenticationSelector();
    for (Server server : settings.getServers()) {
      Authentication authentication =
          new AuthenticationBuilder()
              .addUsername(server.getUsername())
              .addPassword(server.getPassword())
              .addPrivateKey(server.getPrivateKey(), server.getPassphrase())
              .build();
      selector.add(server.getId(), authentication);
    }
    return selector;
  }

  private static @Nullable Authentication authentication(
      @Nullable String user, @Nullable String password) {
    return user == null
        ? null
        : new AuthenticationBuilder().addUsername(user).addPassword(password).build();
  }

  /** Tells of the bytes of the artifact itself, not of checksums and metadata. */
  private static final class Forwarding extends AbstractTransferListener {
    private final DownloadListener listener;

    Forwarding(DownloadListener listener) {
      this.listener = listener;
    }

    @Override
    public void transferProgressed(TransferEvent event) {
      var resource = event.getResource();
      if (resource.getResourceName().endsWith(".jar")) {
        listener.progress(event.getTransferredBytes(), resource.getContentLength());
      }
    }
  }
}
