package dev.millrace.gateway.routing;

/**
 * Turns a sticky key or a request id into 64 well-mixed bits. Stable across processes and releases:
 * all gateways must send one caller to the same version.
 */
public final class RequestHash {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private RequestHash() {}

  /** FNV-1a over the UTF-16 units of {@code key}, finished by SplitMix64's mixer. */
  public static long of(String key) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < key.length(); i++) {
      hash = (hash ^ key.charAt(i)) * FNV_PRIME;
    }
    return mix(hash);
  }

  /** SplitMix64's finaliser: each input bit flips half of the output bits. */
  static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
