package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LoadedModelTest {
  @Test
  void unloadingWaitsForTheLastLease() {
    var value = new Value();
    var loaded = new LoadedModel<>(value);
    ModelLease<Value> first = loaded.acquire().orElseThrow();
    ModelLease<Value> second = loaded.acquire().orElseThrow();
    assertThat(first.model()).isSameAs(value);

    var unloaded = loaded.unload().toCompletableFuture();

    assertThat(loaded.acquire()).isEmpty();
    first.close();
    first.close();
    assertThat(loaded.leases()).isEqualTo(1);
    assertThat(value.closed).isZero();
    assertThat(unloaded).isNotDone();
    second.close();
    assertThat(value.closed).isEqualTo(1);
    assertThat(unloaded).isCompleted();
    assertThat(loaded.unload().toCompletableFuture()).isCompleted();
    assertThat(value.closed).isEqualTo(1);
  }

  @Test
  void closesAtOnceWhenNobodyUsesIt() {
    var value = new Value();

    assertThat(new LoadedModel<>(value).unload().toCompletableFuture()).isCompleted();
    assertThat(value.closed).isEqualTo(1);
  }

  @Test
  void tellsWhenClosingFails() {
    var loaded =
        new LoadedModel<AutoCloseable>(
            () -> {
              throw new IllegalStateException("stuck");
            });

    assertThatThrownBy(() -> loaded.unload().toCompletableFuture().get())
        .hasMessageContaining("stuck");
  }

  @Test
  void reloadingDropsNoCall() throws Exception {
    var current = new AtomicReference<>(new LoadedModel<>(new Value()));
    List<Callable<Integer>> callers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      callers.add(
          () -> {
            int calls = 0;
            while (calls < 50_000) {
              var lease = current.get().acquire();
              if (lease.isEmpty()) {
                continue;
              }
              try (var open = lease.get()) {
                assertThat(open.model().closed).isZero();
                calls++;
              }
            }
            return calls;
          });
    }
    List<LoadedModel<Value>> old = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(4)) {
      var reloading =
          threads.submit(
              () -> {
                for (int i = 0; i < 500; i++) {
                  var previous = current.getAndSet(new LoadedModel<>(new Value()));
                  old.add(previous);
                  assertThat(previous.unload()).isNotNull();
                }
              });
      for (var caller : threads.invokeAll(callers)) {
        assertThat(caller.get()).isEqualTo(50_000);
      }
      reloading.get();
    }
    assertThat(old).allMatch(model -> model.value().closed == 1 && model.leases() == 0);
  }

  @Test
  void lookingIsNoUse() {
    var now = new AtomicLong(1_000);
    var loaded = new LoadedModel<>(new Value(), now::get);
    now.addAndGet(50);

    loaded.inspect().orElseThrow().close();
    assertThat(loaded.unused()).isEqualTo(Duration.ofNanos(50));
    loaded.acquire().orElseThrow().close();

    assertThat(loaded.unused()).isZero();
    assertThat(loaded.age()).isEqualTo(Duration.ofNanos(50));
  }

  private static final class Value implements AutoCloseable {
    volatile int closed;

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public void close() {
      closed++;
    }
  }
}
