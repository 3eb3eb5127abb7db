package dev.millrace.benchmarks;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one run: models, logs and the platform's data. Closing removes it. When this
 * process is told to stop, the thread that made the folder is interrupted and given time to close
 * it.
 */
final class TemporaryFolder implements AutoCloseable {
  private static final long STOP_SECONDS = 30;

  private final Path path;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook;

  TemporaryFolder() throws IOException {
    this.path = Files.createTempDirectory("millrace-bench");
    Thread owner = Thread.currentThread();
    this.hook = new Thread(() -> stop(owner), "stop-bench");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  Path path() {
    return path;
  }

  private void stop(Thread owner) {
    owner.interrupt();
    try {
      closed.await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      Files.walkFileTree(path, new Remover());
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // This process is on its way down and the hook waits for us.
    } finally {
      closed.countDown();
    }
  }

  private static final class Remover extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.deleteIfExists(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}
