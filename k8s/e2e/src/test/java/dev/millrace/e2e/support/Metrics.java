package dev.millrace.e2e.support;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/** What the metrics pages of a platform said at one moment. */
public final class Metrics {
  private final List<String> lines;

  private Metrics(List<String> lines) {
    this.lines = lines;
  }

  /** Reads the pages of all processes now. */
  public static Metrics of(Platform platform) {
    try (var http = PlainHttp.client()) {
      var lines = new ArrayList<String>();
      for (URI management : platform.managementUrls()) {
        var page = URI.create(management + "/").resolve("/q/metrics");
        var answer =
            http.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString());
        answer.body().lines().forEach(lines::add);
      }
      return new Metrics(lines);
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException(platform.managementUrls().toString(), failure);
    }
  }

  /**
   * The sum over all series of that name with those labels; 0 when there is none.
   *
   * @param labels each as it is written, for example {@code endpoint="linear"}
   */
  public double sum(String name, String... labels) {
    return lines.stream()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(line -> List.of(labels).stream().allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
