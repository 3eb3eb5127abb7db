package dev.millrace.registry.artifact;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Blobs in a directory: {@code sha256/ab/abcd…} for what is visible, {@code staged/} for what is
 * being written. A commit is: flush, fsync the file, rename, fsync the folder, so that after a
 * power cut a name never stands over missing bytes. One process owns the directory.
 */
public final class DirectoryBlobStore implements BlobStore {
  private final Path blobs;
  private final Path staged;

  /** Blobs under {@code root}, which is made when it is missing. */
  public DirectoryBlobStore(Path root) throws IOException {
    this.blobs = Files.createDirectories(root.toAbsolutePath().resolve("sha256"));
    this.staged = Files.createDirectories(root.toAbsolutePath().resolve("staged"));
  }

  @Override
  public StagedBlob stage() throws IOException {
    var path = staged.resolve(UUID.randomUUID().toString());
    var channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return new StagedFile(path, channel);
  }

  @Override
  public InputStream open(String digest) throws IOException {
    if (!Sha256.isDigest(digest)) {
      throw new FileNotFoundException("no blob " + digest);
    }
    try {
      return Files.newInputStream(path(digest));
    } catch (NoSuchFileException missing) {
      throw new FileNotFoundException("no blob " + digest);
    }
  }

  @Override
  public OptionalLong size(String digest) throws IOException {
    try {
      return Sha256.isDigest(digest)
          ? OptionalLong.of(Files.size(path(digest)))
          : OptionalLong.empty();
    } catch (NoSuchFileException missing) {
      return OptionalLong.empty();
    }
  }

  @Override
  public boolean delete(String digest) throws IOException {
    return Sha256.isDigest(digest) && Files.deleteIfExists(path(digest));
  }

  @Override
  public List<String> digests() throws IOException {
    try (var files = Files.walk(blobs, 2)) {
      return files
          .map(file -> "sha256:" + file.getFileName())
          .filter(Sha256::isDigest)
          .sorted()
          .toList();
    }
  }

  @Override
  public int sweepStaged() throws IOException {
    int swept = 0;
    try (var files = Files.list(staged)) {
      for (var file : files.toList()) {
        Files.deleteIfExists(file);
        swept++;
      }
    }
    return swept;
  }

  private Path path(String digest) {
    var hex = Sha256.hex(digest);
    return blobs.resolve(hex.substring(0, 2)).resolve(hex);
  }

  /** Makes a rename or a new name durable; not every system can open a folder, and none must. */
  private static void syncFolder(Path folder) {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException notOffered) {
      // Windows: folders cannot be opened, and renames are journaled there.
    }
  }

  private final class StagedFile implements StagedBlob {
    private final Path path;
    private final FileChannel channel;
    private final MessageDigest hash = Sha256.begin();
    private @Nullable String digest;
    private @Nullable Path committed;
    private long size;

    StagedFile(Path path, FileChannel channel) {
      this.path = path;
      this.channel = channel;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (digest != null) {
        throw new IllegalStateException("the writing has ended");
      }
      hash.update(bytes, offset, length);
      var buffer = ByteBuffer.wrap(bytes, offset, length);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      size += length;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public String digest() {
      var known = digest;
      if (known == null) {
        known = Sha256.text(hash.digest());
        digest = known;
      }
      return known;
    }

    @Override
    public InputStream open() throws IOException {
      digest();
      var visible = committed;
      return Files.newInputStream(visible == null ? path : visible);
    }

    @Override
    public String commit() throws IOException {
      var name = digest();
      if (committed != null) {
        return name;
      }
      channel.force(true);
      channel.close();
      var target = DirectoryBlobStore.this.path(name);
      var folder = blobs.resolve(Sha256.hex(name).substring(0, 2));
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
        syncFolder(blobs);
      }
      // Replaces a blob of the same content, if any: equal bytes, so no reader can tell.
      Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
      syncFolder(folder);
      committed = target;
      return name;
    }

    @Override
    public void close() throws IOException {
      channel.close();
      if (committed == null) {
        Files.deleteIfExists(path);
      }
    }
  }
}
