package io.gemlab.experiments.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.experiments.cli.Gemlab;
import io.gemlab.experiments.serve.batch.ModelService;
import io.gemlab.experiments.serve.http.ApiServer;
import io.gemlab.experiments.serve.http.ServerOptions;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.generate.LoadOptions;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.ops.Precision;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A tiny model with random weights behind a server, and a client of its. Its context is so long
 * that an answer can last for minutes.
 *
 * @param gemma the model, to ask it without the server
 */
public record ServedModel(Gemma2 gemma, ModelService service, ApiServer server, HttpClient client)
    implements AutoCloseable {
  public static final JsonMapper JSON = new JsonMapper();
  public static final String NAME = "tiny";
  public static final int SLOTS = 4;
  public static final int POSITIONS = 20_000;
  public static final int MOST_WAITING = 32;

  /** Options of a server that listens at a free port and loses no time. */
  public static ServerOptions options(Optional<String> token) {
    return new ServerOptions(
        "127.0.0.1", 0, token, 1 << 16, Duration.ofMillis(50), Duration.ofSeconds(1));
  }

  /** Writes the checkpoint. */
  public static Path checkpoint(Path folder) throws IOException {
    ObjectNode json =
        Gemma2Presets.json("tiny").put("vocab_size", 512).put("max_position_embeddings", 100_000);
    Path config = Files.writeString(folder.resolve("config.json"), json.toString());
    Path checkpoint = folder.resolve("checkpoint");
    Path tokenizer = GoldenFiles.of("tokenizer/tokenizer_tiny.model");
    Gemlab run =
        Gemlab.run(
            "random-checkpoint", "--config", config, "--tokenizer", tokenizer, "--out", checkpoint);
    if (run.exitCode() != 0) throw new IllegalStateException(run.err());
    return checkpoint;
  }

  public static ServedModel of(Path checkpoint) throws IOException {
    return of(NAME, checkpoint, SLOTS, POSITIONS, MOST_WAITING);
  }

  public static ServedModel of(
      String name, Path checkpoint, int slots, int positions, int mostWaiting) throws IOException {
    Gemma2 gemma =
        Gemma2.load(
            checkpoint,
            LoadOptions.defaults().withPrecision(Precision.FLOAT32).withPath(new GraphPath()));
    ModelService service = new ModelService(name, gemma, slots, positions, mostWaiting);
    return new ServedModel(
        gemma,
        service,
        ApiServer.start(service, options(Optional.empty())),
        HttpClient.newHttpClient());
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
  }

  /** A request with a JSON body in which apostrophes stand for quotation marks. */
  public HttpRequest.Builder request(String path, String json) {
    return HttpRequest.newBuilder(uri(path))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')));
  }

  public HttpResponse<String> post(String path, String json)
      throws IOException, InterruptedException {
    return client.send(request(path, json).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** The answer of a request that is answered. */
  public JsonNode ask(String path, String json) throws IOException, InterruptedException {
    HttpResponse<String> response = post(path, json);
    if (response.statusCode() != 200) {
      throw new IllegalStateException(response.statusCode() + ": " + response.body());
    }
    return JSON.readTree(response.body());
  }

  @Override
  public void close() {
    client.close();
    server.close();
    service.close();
    gemma.close();
  }
}
