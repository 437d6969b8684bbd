package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.serve.ServedModel;
import io.gemlab.graph.base.process.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code gemlab serve}: in a process of its own with a real signal, and what a user gets wrong. */
@Timeout(120)
class ServeCommandTest {
  @TempDir static Path folder;
  private static Path checkpoint;

  @BeforeAll
  static void write() throws IOException {
    checkpoint = ServedModel.checkpoint(folder);
  }

  /** SIGTERM lets the answer that is under way come, and then ends the process. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void anOpenRequestIsAnsweredBeforeItEnds() throws Exception {
    Path token = Files.writeString(folder.resolve("token"), "sesame\n");
    Path errors = folder.resolve("errors.txt");
    List<String> arguments =
        List.of(
            "serve",
            "--checkpoint",
            checkpoint.toString(),
            "--path",
            "graph",
            "--dtype",
            "float32", // the kernels of bfloat16 crawl until C2 compiles them
            "--port",
            "0",
            "--name",
            "little",
            "--token-file",
            token.toString(),
            "--max-batch",
            "2",
            "--max-length",
            "4000");
    Process process =
        JavaProcess.of(Main.class, List.of("-XX:TieredStopAtLevel=1"), arguments, errors)
            .redirectErrorStream(false)
            .redirectOutput(ProcessBuilder.Redirect.PIPE)
            .redirectError(errors.toFile())
            .start();
    try (BufferedReader out = process.inputReader();
        HttpClient client = HttpClient.newHttpClient()) {
      String first = out.readLine();
      assertTrue(first != null && first.startsWith("serving little at http://127.0.0.1:"), first);
      assertTrue(out.readLine().contains("2 answers at once, 4000 tokens each; at most"));
      String url = first.substring(first.indexOf("http"));
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url + "/completions"))
              .header("Content-Type", "application/json")
              .header("Authorization", "Bearer sesame")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "{\"model\": \"little\", \"prompt\": \"a\", \"max_tokens\": 100, \"temperature\":"
                          + " 0, \"ignore_eos\": true, \"stream\": true}"))
              .build();
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      assertEquals(200, response.statusCode());
      try (BufferedReader events =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        assertTrue(events.readLine().startsWith("data: "));
        process.destroy(); // SIGTERM
        List<String> rest = events.lines().filter(line -> !line.isEmpty()).toList();
        assertEquals("data: [DONE]", rest.getLast());
      }
      assertEquals(143, process.waitFor());
    } finally {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--port=70000 | the port is 70000; give 0 to 65535",
        "--max-batch=0 | --max-batch is 0; give 1 or more",
        "--max-queue=0 | --max-queue is 0; give 1 or more",
        "--max-length=100001 | --max-length is 100001; give 1 to 100000",
        "--token-file=absent | absent does not exist",
        "--host=no.such.host.invalid | no host is called",
        "--attention=blockwise | generate with eager attention",
      })
  void refusesInALine(String flag, String message) {
    Gemlab run = Gemlab.run("serve", "--checkpoint", checkpoint, "--path", "graph", flag);
    assertEquals(2, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(message), run.err());
    assertEquals("", run.out());
  }
}
