package dev.millrace.benchmarks.passthrough;

import dev.millrace.benchmarks.server.EchoServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/** The upstream and every proxy in front of it, each in its own JVM. Not thread-safe. */
public final class PassThroughSetup implements AutoCloseable {
  private final EchoServer upstream;
  private final Map<ProxyKind, EchoServer> proxies = new EnumMap<>(ProxyKind.class);

  private PassThroughSetup(EchoServer upstream) {
    this.upstream = upstream;
  }

  /** Starts all of them; logs go to the folder. */
  public static PassThroughSetup start(Path folder) throws IOException {
    var setup = new PassThroughSetup(EchoServer.start(PassThroughProgram.UPSTREAM, folder));
    try {
      String port = Integer.toString(setup.upstream.address().http().getPort());
      for (ProxyKind kind : ProxyKind.values()) {
        setup.proxies.put(kind, EchoServer.start(kind.role(), folder, port));
      }
      return setup;
    } catch (IOException | RuntimeException e) {
      setup.close();
      throw e;
    }
  }

  /** The way without a proxy. */
  public EchoServer direct() {
    return upstream;
  }

  /** The way through a proxy. */
  public EchoServer through(ProxyKind kind) {
    EchoServer proxy = proxies.get(kind);
    if (proxy == null) {
      throw new IllegalStateException(kind + " was not started");
    }
    return proxy;
  }

  @Override
  public void close() {
    proxies.values().forEach(EchoServer::close);
    upstream.close();
  }
}
