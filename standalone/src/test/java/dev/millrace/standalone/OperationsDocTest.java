package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.server.config.GatewayKeys;
import dev.millrace.process.config.ProcessKeys;
import dev.millrace.registry.server.config.RegistryKeys;
import dev.millrace.runtime.server.config.RuntimeKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The tables of {@code docs/operations.md} are the keys that the code knows, with their defaults.
 */
class OperationsDocTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "operations.md");

  /** {@code | `millrace.key` | `default` | …}; a dash where there is no default. */
  private static final Pattern ROW =
      Pattern.compile("^\\| `(millrace\\.[a-z.*-]+)` \\| (?:`([^`]*)`|–) \\| ");

  private static Map<String, String> documented() throws IOException {
    var rows = new LinkedHashMap<String, String>();
    for (String line : Files.readAllLines(DOCUMENT)) {
      var row = ROW.matcher(line);
      if (row.find()) {
        String written = row.group(2) == null ? "" : row.group(2);
        assertThat(rows.put(row.group(1), written)).as("%s twice", row.group(1)).isNull();
      }
    }
    return rows;
  }

  @Test
  void everyKeyIsDocumentedWithItsDefault() throws IOException {
    var known =
        ProcessKeys.all()
            .and(GatewayKeys.all())
            .and(RuntimeKeys.all())
            .and(RegistryKeys.all())
            .and(StandaloneKeys.all());

    assertThat(documented()).containsExactlyInAnyOrderEntriesOf(known.defaults());
  }
}
