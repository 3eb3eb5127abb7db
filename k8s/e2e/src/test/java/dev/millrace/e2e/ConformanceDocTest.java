package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page about conformance names tests that exist. */
class ConformanceDocTest {
  private static final Path DOCUMENT = Path.of("..", "..", "docs", "conformance.md");
  private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+)\\.([a-z]\\w+)`");
  private static final String[] PACKAGES = {"dev.millrace.testkit.oip.", "dev.millrace.e2e."};

  @Test
  void everyTestThatThePageNamesExists() throws Exception {
    var missing = new ArrayList<String>();
    int found = 0;
    var names = NAMED.matcher(Files.readString(DOCUMENT));
    while (names.find()) {
      if (exists(names.group(1), names.group(2))) {
        found++;
      } else {
        missing.add(names.group());
      }
    }
    assertThat(missing).isEmpty();
    assertThat(found).isGreaterThan(60);
  }

  private static boolean exists(String type, String method) {
    for (String each : PACKAGES) {
      try {
        var methods = Class.forName(each + type).getDeclaredMethods();
        return Arrays.stream(methods).anyMatch(one -> one.getName().equals(method));
      } catch (ClassNotFoundException elsewhere) {
        continue;
      }
    }
    return false;
  }
}
