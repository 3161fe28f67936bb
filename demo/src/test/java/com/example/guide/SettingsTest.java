package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.discovery.DiscoverySettings;
import erpc.server.ServerSettings;
import erpc.settings.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir Path folder;

  @AfterEach
  void clear() {
    System.clearProperty("erpc.config");
    System.clearProperty("erpc.client.timeuot");
  }

  @Test
  void theFileOfTheGuideIsRead() {
    System.setProperty("erpc.config", "src/test/resources/guide/erpc.properties");
    assertThat(DiscoverySettings.ofProcess().center()).isEqualTo("10.0.0.5:8081");
    assertThat(DiscoverySettings.ofProcess().zone()).isEqualTo("a");
    assertThat(ClientSettings.ofProcess().timeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(ServerSettings.ofProcess().drainGrace()).isEqualTo(Duration.ofSeconds(20));
    assertThat(ServerSettings.ofProcess().connection().maxMessageBytes()).isEqualTo(16 << 20);
  }

  @Test
  void codeChangesWhatItNames() {
    System.setProperty("erpc.config", "src/test/resources/guide/erpc.properties");
    // guide: code
    ClientSettings settings = ClientSettings.ofProcess().withMaxAttempts(1);
    // guide end
    assertThat(settings.maxAttempts()).isEqualTo(1);
    assertThat(settings.timeout()).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void aMistakeStopsTheFirstClientAndNamesWhatWouldBeRight() throws Exception {
    Path file = folder.resolve("erpc.properties");
    Files.writeString(file, "erpc.client.timeout = soon\nerpc.client.maxAttemps = 1\n");
    System.setProperty("erpc.config", file.toString());
    System.setProperty("erpc.client.timeuot", "1s");
    assertThatThrownBy(() -> Client.builder().build())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("erpc.client.timeout")
        .hasMessageContaining("erpc.client.maxAttempts")
        .hasMessageContaining("timeuot");
  }
}
