package dev.millrace.registry.paging;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.protocol.control.Page;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a list somebody wants. A token names the last item of the page before, so a page
 * stays right while items come and go, and costs the same at the end of a list as at its start.
 *
 * @param size most items, 1–1000
 * @param after the last item's key of the page before; empty for the first page
 */
public record PageRequest(int size, String after) {
  /** Items on a page when nobody says how many. */
  public static final int DEFAULT_SIZE = 100;

  /** Most items on a page: bounds the memory of one answer. */
  public static final int LARGEST_SIZE = 1000;

  private static final int LONGEST_TOKEN = 200;

  /** The first page of the usual size. */
  public static final PageRequest FIRST = new PageRequest(DEFAULT_SIZE, "");

  public PageRequest {
    if (size < 1 || size > LARGEST_SIZE) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "pageSize: %d (expected: 1-%d)".formatted(size, LARGEST_SIZE));
    }
  }

  /** From the query parameters of a request; either may be absent. */
  public static PageRequest of(@Nullable Integer size, @Nullable String token) {
    return new PageRequest(
        size == null ? DEFAULT_SIZE : size, token == null || token.isEmpty() ? "" : decoded(token));
  }

  /** For lists by name: the name to go on after. */
  public String afterName() {
    return after;
  }

  /** For lists from the newest number down: numbers below this come next. */
  public long below() {
    try {
      return after.isEmpty() ? Long.MAX_VALUE : Long.parseLong(after);
    } catch (NumberFormatException notOurs) {
      throw badToken();
    }
  }

  /**
   * Cuts a page from a list that was asked for with one item too many.
   *
   * @param items at most {@code size + 1}
   * @param key what the next page goes on after
   */
  public <T> Page<T> page(List<T> items, Function<T, Object> key) {
    if (items.size() <= size) {
      return new Page<>(items, null);
    }
    var kept = items.subList(0, size);
    var last = key.apply(kept.get(size - 1)).toString();
    return new Page<>(
        kept, Base64.getUrlEncoder().withoutPadding().encodeToString(last.getBytes(UTF_8)));
  }

  private static String decoded(String token) {
    if (token.length() > LONGEST_TOKEN) {
      throw badToken();
    }
    try {
      return new String(Base64.getUrlDecoder().decode(token), UTF_8);
    } catch (IllegalArgumentException notOurs) {
      throw badToken();
    }
  }

  private static MillraceException badToken() {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "pageToken is not one of ours (expected: the nextPageToken of the page before)");
  }
}
