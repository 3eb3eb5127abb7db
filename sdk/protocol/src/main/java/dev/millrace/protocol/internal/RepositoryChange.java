package dev.millrace.protocol.internal;

import org.jspecify.annotations.Nullable;

/**
 * What {@code load} and {@code unload} of the Open Inference Protocol ask of the registry.
 *
 * @param name of the endpoint; when there is none, loading makes one for the model of that name
 * @param by id of the caller's key, for the record
 * @param loaded true to load, false to unload
 * @param config Triton's model configuration as JSON: fields that replace the endpoint's own; null
 *     for none, and when unloading
 */
public record RepositoryChange(
    String project, String name, String by, boolean loaded, @Nullable String config) {

  /**
   * What the registry made of it.
   *
   * @param revision of the endpoint that the change is part of
   */
  public record Made(long revision) {}
}
