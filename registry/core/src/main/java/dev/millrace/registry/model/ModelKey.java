package dev.millrace.registry.model;

/** Names one model in the whole platform. */
public record ModelKey(String project, String name) {
  /** A key of two valid names; INVALID_ARGUMENT otherwise. */
  public static ModelKey of(String project, String name) {
    return new ModelKey(NameRule.check("project", project), NameRule.check("model", name));
  }

  @Override
  public String toString() {
    return project + "/" + name;
  }
}
