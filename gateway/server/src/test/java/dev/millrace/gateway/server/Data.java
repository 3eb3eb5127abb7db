package dev.millrace.gateway.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Calls to the data port, as a stock HTTP client makes them. */
final class Data {
  private final URI base;
  private final HttpClient client;

  Data(URI base, HttpClient.Version version) {
    this.base = base;
    this.client = HttpClient.newBuilder().version(version).build();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(20));
  }

  HttpRequest.Builder as(String key, String path) {
    return request(path).header("Authorization", "Bearer " + key);
  }

  HttpResponse<String> get(String key, String path) throws IOException, InterruptedException {
    return send(as(key, path).GET());
  }

  HttpResponse<String> post(String key, String path, String body)
      throws IOException, InterruptedException {
    return send(as(key, path).POST(BodyPublishers.ofString(body)));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  HttpClient client() {
    return client;
  }
}
