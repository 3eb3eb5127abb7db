package dev.millrace.runtime.server.config;

import static dev.millrace.runtime.server.config.Expectations.expect;

/**
 * Bounds on the response caches.
 *
 * @param maxBytes memory that the answers of all endpoints may take together; 0 keeps none
 */
public record CacheOptions(long maxBytes) {
  public CacheOptions {
    expect(maxBytes >= 0, "response-cache-size", maxBytes, "not negative");
  }
}
