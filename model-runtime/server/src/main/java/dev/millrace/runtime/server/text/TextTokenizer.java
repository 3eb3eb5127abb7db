package dev.millrace.runtime.server.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A HuggingFace {@code tokenizer.json}. Encoding takes well under a millisecond for a sentence but
 * grows with the text, so it belongs on a worker thread. Safe from many threads until closed.
 */
public final class TextTokenizer implements AutoCloseable {
  /** Largest file that is read: the biggest multilingual vocabularies have about 20 MB. */
  private static final long MAX_FILE_BYTES = 32L << 20;

  private final HuggingFaceTokenizer tokenizer;

  private TextTokenizer(HuggingFaceTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * Reads a tokenizer file.
   *
   * @param nativeFolder where the native library is unpacked, once
   * @throws IOException when the file is too large or not a tokenizer
   */
  public static TextTokenizer load(Path file, Path nativeFolder) throws IOException {
    long size = Files.size(file);
    if (size > MAX_FILE_BYTES) {
      throw new IOException(
          "tokenizer '%s' has %d bytes (expected: at most %d)"
              .formatted(file.getFileName(), size, MAX_FILE_BYTES));
    }
    keepQuiet(nativeFolder);
    try {
      return new TextTokenizer(
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(file)
              .optAddSpecialTokens(true)
              .optTruncation(false)
              .optPadding(false)
              .build());
    } catch (RuntimeException malformed) {
      throw new IOException(
          "tokenizer '%s': %s".formatted(file.getFileName(), malformed.getMessage()), malformed);
    }
  }

  /** All tokens of one text. */
  EncodedText encode(String text, boolean specialTokens) {
    return encoded(tokenizer.encode(text, specialTokens, false));
  }

  /** All tokens of two texts that belong together. */
  EncodedText encode(String text, String pair) {
    return encoded(tokenizer.encode(text, pair, true, false));
  }

  /** The text of each token alone. */
  List<String> words(String text, boolean specialTokens) {
    return List.of(tokenizer.encode(text, specialTokens, false).getTokens());
  }

  private static EncodedText encoded(Encoding encoding) {
    return new EncodedText(
        new Tokens(encoding.getIds(), encoding.getAttentionMask(), encoding.getTypeIds()),
        encoding.getSpecialTokenMask(),
        encoding.getSequenceIds());
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  /**
   * The library may count its users and look for downloads; a server must do neither. Only read
   * before its first use, hence here; what an operator has set stays.
   */
  private static void keepQuiet(Path nativeFolder) {
    setIfAbsent("OPT_OUT_TRACKING", "true");
    setIfAbsent("ai.djl.offline", "true");
    setIfAbsent("DJL_CACHE_DIR", nativeFolder.toString());
  }

  private static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }
}
