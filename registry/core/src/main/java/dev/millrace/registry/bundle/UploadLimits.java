package dev.millrace.registry.bundle;

/**
 * Bounds of one upload.
 *
 * @param maxBytes of the whole body
 * @param maxFiles in a bundle
 */
public record UploadLimits(long maxBytes, int maxFiles) {
  /** 8 GiB, 64 files. */
  public static final UploadLimits DEFAULT = new UploadLimits(8L << 30, 64);

  public UploadLimits {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: at least 1)");
    }
    if (maxFiles < 1) {
      throw new IllegalArgumentException("maxFiles: " + maxFiles + " (expected: at least 1)");
    }
  }
}
