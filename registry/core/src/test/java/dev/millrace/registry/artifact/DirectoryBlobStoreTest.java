package dev.millrace.registry.artifact;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class DirectoryBlobStoreTest extends BlobStoreContract {
  @TempDir Path folder;

  @Override
  protected BlobStore emptyStore() throws Exception {
    return new DirectoryBlobStore(folder.resolve("blobs"));
  }

  @Override
  protected BlobStore sameStoreAgain() throws Exception {
    return emptyStore();
  }
}
