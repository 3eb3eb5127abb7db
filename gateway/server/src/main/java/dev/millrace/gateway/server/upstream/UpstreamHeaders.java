package dev.millrace.gateway.server.upstream;

import dev.millrace.gateway.server.exchange.HopHeaders;
import io.vertx.core.MultiMap;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The headers that go on with a call: the client's end-to-end ones, and the platform's own, which
 * win over the client's. They are put together only for an upstream that sends them somewhere; a
 * call in one process asks for the two or three that it needs. Confined to the call's event loop.
 */
public final class UpstreamHeaders {
  private static final int USUAL = 8;

  private final MultiMap client;
  private String[] names = new String[USUAL];
  private @Nullable String[] values = new @Nullable String[USUAL];
  private int own;

  /** The client's headers, none of the platform's yet. */
  public UpstreamHeaders(MultiMap client) {
    this.client = client;
  }

  /** Sets one of the platform's own; the client's of that name do not go on. */
  public UpstreamHeaders set(String lowerCaseName, String value) {
    put(lowerCaseName, value);
    return this;
  }

  /** The client's header of that name does not go on. */
  public UpstreamHeaders remove(String lowerCaseName) {
    put(lowerCaseName, null);
    return this;
  }

  /** The first value of a header that goes on; null when there is none. */
  public @Nullable String get(String lowerCaseName) {
    int index = indexOf(lowerCaseName);
    if (index >= 0) {
      return values[index];
    }
    return HopHeaders.goesOn(lowerCaseName) ? client.get(lowerCaseName) : null;
  }

  /** All of them, in a map of its own. */
  public MultiMap toMultiMap() {
    var all = HopHeaders.ofRequest(client);
    for (int i = 0; i < own; i++) {
      var value = values[i];
      if (value == null) {
        all.remove(names[i]);
      } else {
        all.set(names[i], value);
      }
    }
    return all;
  }

  private void put(String name, @Nullable String value) {
    int index = indexOf(name);
    if (index < 0) {
      index = own++;
      if (index == names.length) {
        names = Arrays.copyOf(names, own * 2);
        values = Arrays.copyOf(values, own * 2);
      }
    }
    names[index] = name;
    values[index] = value;
  }

  private int indexOf(String name) {
    for (int i = 0; i < own; i++) {
      if (names[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
