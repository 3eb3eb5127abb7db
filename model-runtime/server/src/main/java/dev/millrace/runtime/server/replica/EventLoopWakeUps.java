package dev.millrace.runtime.server.replica;

import dev.millrace.runtime.batching.WakeUps;
import io.netty.channel.EventLoop;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import java.util.concurrent.RejectedExecutionException;

/**
 * An event loop wakes a dispatcher when it has read what its connections have sent, not in between:
 * its tasks come after that. Other threads wake at once. Thread-safe.
 */
final class EventLoopWakeUps implements WakeUps {
  @Override
  public boolean putOff(Runnable wake) {
    if (!(Vertx.currentContext() instanceof ContextInternal context)) {
      return false;
    }
    EventLoop loop = context.nettyEventLoop();
    if (!loop.inEventLoop()) {
      return false;
    }
    try {
      loop.execute(wake);
      return true;
    } catch (RejectedExecutionException stopping) {
      return false;
    }
  }
}
