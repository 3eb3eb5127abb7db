package dev.millrace.runtime.server.artifact;

import dev.millrace.protocol.control.Artifact;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;

/**
 * A content-addressed cache of artifacts on disk.
 *
 * <p>A file appears under its digest only after every byte was read, counted, hashed and forced to
 * disk, so a file that is there is whole, also after a crash. Several callers of one digest share
 * one download. All methods block and are safe from many threads; several processes may share a
 * directory, since the last step is a rename to a name that says the content.
 *
 * <p>Versions that nobody keeps give way, the longest unused first, when the folder holds more than
 * it may; see {@link CacheEviction}.
 */
public final class ArtifactCache {
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,254}");
  private static final int CHUNK = 1 << 18;

  private final Path root;
  private final ArtifactSource source;
  private final ConcurrentHashMap<String, ReentrantLock> inFlight = new ConcurrentHashMap<>();
  private final CacheEviction eviction;
  private final FileLinking linking;

  /** Held shared while files are used, alone while some are deleted. */
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

  private volatile Set<String> kept = Set.of();

  /** A cache that keeps everything; {@code root} is created when needed. */
  public ArtifactCache(Path root, ArtifactSource source) {
    this(root, source, Long.MAX_VALUE);
  }

  /**
   * A cache that holds at most {@code maxBytes}, but always what is kept.
   *
   * @param root created when needed
   */
  public ArtifactCache(Path root, ArtifactSource source, long maxBytes) {
    this(root, source, maxBytes, FileLinking::hardOrCopy);
  }

  /** On a file system that links in that way. */
  ArtifactCache(Path root, ArtifactSource source, long maxBytes, FileLinking linking) {
    this.root = root;
    this.linking = linking;
    this.source = source;
    this.eviction = new CacheEviction(root, maxBytes);
  }

  /** Pins exactly these versions, by digest: their files stay, whatever they take. */
  public void keep(Set<String> versionDigests) {
    kept = Set.copyOf(versionDigests);
  }

  /**
   * The folder that holds the artifacts of one version under their own names, as a model with
   * external data needs them.
   *
   * @param versionDigest names the folder
   * @throws IOException when an artifact cannot be fetched, or is not what its digest says
   */
  public Path materialize(String versionDigest, List<Artifact> artifacts)
      throws IOException, InterruptedException {
    String name = hex(versionDigest);
    Path folder = root.resolve("versions").resolve(name);
    use.readLock().lockInterruptibly();
    try {
      Files.createDirectories(folder);
      for (Artifact artifact : artifacts) {
        if (!NAME.matcher(artifact.name()).matches()) {
          throw new IOException(
              "artifact '" + artifact.name() + "' (expected: a plain file name, not a path)");
        }
        Path named = folder.resolve(artifact.name());
        if (!present(named, artifact)) {
          link(fetch(artifact), named);
        }
      }
      eviction.used(folder);
    } finally {
      use.readLock().unlock();
    }
    makeRoom(name);
    return folder;
  }

  /** Another thread that fetches just now does it when it is done. */
  private void makeRoom(String newest) throws IOException {
    if (use.writeLock().tryLock()) {
      try {
        var stay = new HashSet<String>();
        stay.add(newest);
        for (String digest : kept) {
          stay.add(hex(digest));
        }
        eviction.run(stay);
      } finally {
        use.writeLock().unlock();
      }
    }
  }

  /**
   * The file that holds {@code artifact}, fetched if it is not here yet.
   *
   * @throws IOException when it cannot be fetched, or its size or digest is another
   */
  public Path fetch(Artifact artifact) throws IOException, InterruptedException {
    Path file = folderOf(artifact).resolve(hex(artifact.digest()));
    if (present(file, artifact)) {
      return file;
    }
    ReentrantLock lock = inFlight.computeIfAbsent(artifact.digest(), _ -> new ReentrantLock());
    lock.lockInterruptibly();
    try {
      if (!present(file, artifact)) {
        download(artifact, file);
      }
      return file;
    } finally {
      lock.unlock();
      inFlight.remove(artifact.digest(), lock);
    }
  }

  /** Spread by the first byte: some file systems slow down with many files in one folder. */
  private Path folderOf(Artifact artifact) throws IOException {
    return root.resolve("sha256").resolve(hex(artifact.digest()).substring(0, 2));
  }

  private static boolean present(Path file, Artifact artifact) throws IOException {
    return Files.isRegularFile(file) && Files.size(file) == artifact.size();
  }

  private void download(Artifact artifact, Path file) throws IOException, InterruptedException {
    Path folder = Files.createDirectories(folderOf(artifact));
    Path temporaries = Files.createDirectories(root.resolve("tmp"));
    Path temporary = Files.createTempFile(temporaries, "artifact-", ".part");
    try {
      try (InputStream in = source.open(artifact.digest());
          FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        copyVerified(artifact, in, out);
        out.force(true);
      }
      move(temporary, file);
      syncFolder(folder);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void copyVerified(Artifact artifact, InputStream in, FileChannel out)
      throws IOException {
    MessageDigest sha256 = sha256();
    byte[] chunk = new byte[CHUNK];
    long total = 0;
    for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("stopped while fetching " + artifact.name());
      }
      total += read;
      if (total > artifact.size()) {
        throw new IOException(describe(artifact) + " has more bytes than announced");
      }
      sha256.update(chunk, 0, read);
      ByteBuffer part = ByteBuffer.wrap(chunk, 0, read);
      while (part.hasRemaining()) {
        out.write(part);
      }
    }
    if (total != artifact.size()) {
      throw new IOException(describe(artifact) + " ended after " + total + " bytes");
    }
    String digest = "sha256:" + HexFormat.of().formatHex(sha256.digest());
    if (!digest.equals(artifact.digest())) {
      throw new IOException(describe(artifact) + " has the content " + digest);
    }
  }

  private static String describe(Artifact artifact) {
    return "artifact '"
        + artifact.name()
        + "' ("
        + artifact.digest()
        + ", "
        + artifact.size()
        + " bytes)";
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException notAtomic) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Makes the rename itself durable, where the file system lets a folder be opened. */
  private static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException notSupported) {
      // Some systems cannot open folders; a lost rename only means one more download.
    }
  }

  /** The file under a version's own name for it. */
  private void link(Path file, Path name) throws IOException {
    Path fresh = name.resolveSibling(name.getFileName() + "." + Thread.currentThread().threadId());
    Files.deleteIfExists(fresh);
    linking.link(file, fresh);
    move(fresh, name);
    // Renaming one hard link onto another of the same file is a no-op that leaves the source.
    Files.deleteIfExists(fresh);
  }

  private static String hex(String digest) throws IOException {
    if (!DIGEST.matcher(digest).matches()) {
      throw new IOException("digest '" + digest + "' (expected: sha256: and 64 hex digits)");
    }
    return digest.substring("sha256:".length());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }
}
