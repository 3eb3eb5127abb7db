package dev.millrace.process.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The configuration keys that one part of a process reads. Each part publishes one as a bean; a
 * process knows the keys of all its parts.
 *
 * @param sections prefixes that this part owns, for example {@code millrace.gateway}: another key
 *     below them is a mistake
 * @param defaults each key and the default as it would be written; empty where there is none. A key
 *     that ends in {@code .*} stands for all below it
 */
public record ConfigKeys(Set<String> sections, Map<String, String> defaults) {
  public ConfigKeys {
    sections = Collections.unmodifiableSet(new LinkedHashSet<>(sections));
    defaults = Collections.unmodifiableMap(new LinkedHashMap<>(defaults));
  }

  /** The keys of an interface with {@link ConfigMapping}, groups included, in no fixed order. */
  public static ConfigKeys of(Class<?> mapping) {
    var annotation = mapping.getAnnotation(ConfigMapping.class);
    if (annotation == null) {
      throw new IllegalArgumentException(mapping + " (expected: a @ConfigMapping)");
    }
    var defaults = new LinkedHashMap<String, String>();
    collect(annotation.prefix(), mapping, defaults);
    return new ConfigKeys(Set.of(annotation.prefix()), defaults);
  }

  /** These keys and one that is read by itself; its section may belong to another part. */
  public ConfigKeys and(String key, String defaultValue) {
    var more = new LinkedHashMap<>(defaults);
    more.put(key, defaultValue);
    return new ConfigKeys(sections, more);
  }

  /** The keys of both. */
  public ConfigKeys and(ConfigKeys other) {
    var both = new LinkedHashMap<>(defaults);
    both.putAll(other.defaults);
    var owned = new LinkedHashSet<>(sections);
    owned.addAll(other.sections);
    return new ConfigKeys(owned, both);
  }

  private static void collect(String prefix, Class<?> mapping, Map<String, String> into) {
    for (Method method : mapping.getMethods()) {
      var named = method.getAnnotation(WithName.class);
      String key = prefix + "." + (named == null ? kebab(method.getName()) : named.value());
      if (method.getReturnType().getEnclosingClass() == mapping
          && method.getReturnType().isInterface()) {
        collect(key, method.getReturnType(), into);
      } else if (method.getReturnType() == Map.class) {
        into.put(key + ".*", "");
      } else {
        var written = method.getAnnotation(WithDefault.class);
        into.put(key, written == null ? "" : written.value());
      }
    }
  }

  /** {@code maxBodySize} is written {@code max-body-size}. */
  private static String kebab(String name) {
    var text = new StringBuilder(name.length() + 4);
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isUpperCase(c)) {
        text.append('-').append(Character.toLowerCase(c));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
