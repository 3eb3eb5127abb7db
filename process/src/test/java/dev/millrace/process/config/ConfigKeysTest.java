package dev.millrace.process.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConfigKeysTest {
  @ConfigMapping(prefix = "millrace.part")
  interface PartConfig {
    @WithDefault("64M")
    String maxBodySize();

    Optional<String> name();

    @WithName("odd")
    @WithDefault("1")
    int renamed();

    Map<String, String> open();

    Group group();

    interface Group {
      @WithDefault("8082")
      int port();
    }
  }

  @Test
  void readsKeysAndDefaultsOfAMapping() {
    var keys = ConfigKeys.of(PartConfig.class);

    assertThat(keys.sections()).containsExactly("millrace.part");
    assertThat(keys.defaults())
        .isEqualTo(
            Map.of(
                "millrace.part.max-body-size", "64M",
                "millrace.part.name", "",
                "millrace.part.odd", "1",
                "millrace.part.open.*", "",
                "millrace.part.group.port", "8082"));
  }

  @Test
  void takesKeysThatAreReadByThemselves() {
    var keys = new ConfigKeys(Set.of("millrace.a"), Map.of()).and("millrace.data", "./data");

    assertThat(keys.and(ConfigKeys.of(PartConfig.class)).sections())
        .containsExactly("millrace.a", "millrace.part");
    assertThat(keys.defaults()).containsExactly(Map.entry("millrace.data", "./data"));
  }

  @Test
  void refusesWhatIsNoMapping() {
    assertThatThrownBy(() -> ConfigKeys.of(String.class)).hasMessageContaining("ConfigMapping");
  }
}
