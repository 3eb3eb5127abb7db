package dev.millrace.gateway.server;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;

/** Chooses where {@link FakeRuntime} listens, before the gateway is configured. */
public class FakeAddress implements QuarkusTestResourceLifecycleManager {
  static final String PORT = "millrace.test.fake-port";

  @Override
  public Map<String, String> start() {
    // The first start chooses: the fake outlives a restart of the gateway.
    if (System.getProperty(PORT) == null) {
      System.setProperty(PORT, Integer.toString(freePort()));
    }
    return Map.of("millrace.registry.url", "http://127.0.0.1:" + System.getProperty(PORT));
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {}
}
