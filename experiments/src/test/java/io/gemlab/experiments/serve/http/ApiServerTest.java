package io.gemlab.experiments.serve.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.experiments.serve.ServedModel;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.ChatMessage;
import io.gemlab.graph.decode.Sampling;
import io.gemlab.graph.generate.GenerationOptions;
import io.gemlab.graph.generate.Prompt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenAI's routes on a tiny model: what is answered, what is refused, and who has left. */
@Timeout(120)
class ApiServerTest {
  private static final String COMPLETIONS = "/v1/completions";
  private static final String CHAT = "/v1/chat/completions";
  private static final String TEXT = "the king of the sea";

  @TempDir static Path folder;
  private static Path checkpoint;
  private static ServedModel served;

  @BeforeAll
  static void start() throws IOException {
    checkpoint = ServedModel.checkpoint(folder);
    served = ServedModel.of(checkpoint);
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  private static JsonNode complete(String parameters) throws IOException, InterruptedException {
    return served.ask(COMPLETIONS, "{'model': 'tiny', " + parameters + "}");
  }

  private static GenerationOptions greedy(int tokens) {
    return GenerationOptions.defaults().withMaxNewTokens(tokens);
  }

  private static String alone(int tokens) {
    return served.gemma().generate(Prompt.text(TEXT), greedy(tokens)).text();
  }

  @Test
  void saysWhatItServes() throws Exception {
    HttpRequest models = HttpRequest.newBuilder(served.uri("/v1/models")).build();
    JsonNode list =
        ServedModel.JSON.readTree(
            served.client().send(models, HttpResponse.BodyHandlers.ofString()).body());
    assertEquals("tiny", list.at("/data/0/id").textValue());
    HttpRequest health = HttpRequest.newBuilder(served.uri("/health")).build();
    HttpResponse<String> ok = served.client().send(health, HttpResponse.BodyHandlers.ofString());
    assertEquals(200, ok.statusCode());
    assertTrue(ok.body().contains("\"status\":\"ok\""), ok.body());
  }

  @Test
  void completesAsTheModelDoesAlone() throws Exception {
    JsonNode answer = complete("'prompt': '" + TEXT + "', 'max_tokens': 12, 'temperature': 0");
    assertEquals("text_completion", answer.get("object").textValue());
    assertEquals(alone(12), answer.at("/choices/0/text").textValue());
    assertEquals("length", answer.at("/choices/0/finish_reason").textValue());
    assertTrue(answer.at("/choices/0/logprobs").isNull());
    int[] prompt = served.gemma().tokenizer().encodePrompt(TEXT);
    assertEquals(prompt.length, answer.at("/usage/prompt_tokens").intValue());
    assertEquals(12, answer.at("/usage/completion_tokens").intValue());
  }

  /** A text, texts, tokens and lists of tokens; answers come in their order. */
  @Test
  void takesEveryFormOfPrompt() throws Exception {
    String ids = Arrays.toString(served.gemma().tokenizer().encodePrompt(TEXT));
    for (String prompt :
        List.of("'" + TEXT + "'", "['" + TEXT + "', 'a']", ids, "[" + ids + ", [2, 10]]")) {
      JsonNode choices =
          complete("'temperature': 0, 'max_tokens': 9, 'prompt': " + prompt).get("choices");
      assertEquals(alone(9), choices.get(0).get("text").textValue());
      for (int i = 0; i < choices.size(); i++) {
        assertEquals(i, choices.get(i).get("index").intValue());
      }
    }
  }

  /** What lm-evaluation-harness asks for, and what it reads. */
  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "3, 0", "1, 1.5"})
  void tellsHowProbableThePromptIs(int tokens, double temperature) throws Exception {
    int[] ids = served.gemma().tokenizer().encodePrompt("the king");
    int last = ids.length - 1;
    JsonNode choice =
        complete(
                "'prompt': ["
                    + Arrays.toString(ids)
                    + ", [2]], 'echo': true, 'logprobs': 1, 'seed': 1234, 'max_tokens': "
                    + tokens
                    + ", 'temperature': "
                    + temperature)
            .at("/choices/0");
    float[] expected = served.gemma().logProbabilities(Prompt.ids(ids));
    JsonNode logProbabilities = choice.at("/logprobs/token_logprobs");
    JsonNode top = choice.at("/logprobs/top_logprobs");
    assertEquals(ids.length + tokens, logProbabilities.size());
    assertEquals(ids.length + tokens, choice.at("/logprobs/tokens").size());
    assertTrue(logProbabilities.get(0).isNull() && top.get(0).isNull());
    for (int i = 1; i <= last; i++) {
      assertEquals(expected[i - 1], logProbabilities.get(i).floatValue(), 1e-4);
      assertTrue(largest(top.get(i)) >= logProbabilities.get(i).floatValue());
    }
    if (tokens > 0 && temperature == 0) {
      // A greedy token is the likeliest, and equal to it in every digit.
      assertEquals(largest(top.get(last + 1)), logProbabilities.get(last + 1).floatValue());
      String answer = served.gemma().generate(Prompt.ids(ids), greedy(tokens)).text();
      assertEquals(served.gemma().tokenizer().decode(ids) + answer, choice.get("text").textValue());
    }
  }

  private static float largest(JsonNode top) {
    float largest = Float.NEGATIVE_INFINITY;
    for (JsonNode one : top) largest = Math.max(largest, one.floatValue());
    return largest;
  }

  @Test
  void answersOfOnePromptHaveSeedsOfTheirOwn() throws Exception {
    JsonNode choices =
        complete(
                "'prompt': '"
                    + TEXT
                    + "', 'n': 2, 'seed': 5, 'temperature': 2, 'top_p': 0.9, 'top_k': 50,"
                    + " 'max_tokens': 15, 'logprobs': 1")
            .get("choices");
    for (int i = 0; i < 2; i++) {
      GenerationOptions drawn = greedy(15).withSampling(new Sampling(2, 50, 0.9, 5 + i));
      assertEquals(
          served.gemma().generate(Prompt.text(TEXT), drawn).text(),
          choices.get(i).get("text").textValue());
    }
    assertNotEquals(choices.get(0).get("text"), choices.get(1).get("text"));
    assertEquals(15, choices.get(0).at("/logprobs/token_logprobs").size());
  }

  @Test
  void aStopStringEndsTheAnswer() throws Exception {
    String whole = alone(40);
    String stop = whole.substring(9, 13);
    JsonNode choice =
        complete(
                "'prompt': '"
                    + TEXT
                    + "', 'temperature': 0, 'max_tokens': 40, 'stop': ["
                    + ServedModel.JSON.writeValueAsString(stop)
                    + "]")
            .at("/choices/0");
    assertEquals(whole.substring(0, whole.indexOf(stop)), choice.get("text").textValue());
    assertEquals("stop", choice.get("finish_reason").textValue());
  }

  @Test
  void streamsWhatItWouldAnswer() throws Exception {
    HttpResponse<String> response =
        served.post(
            COMPLETIONS,
            "{'model': 'tiny', 'prompt': '"
                + TEXT
                + "', 'temperature': 0, 'max_tokens': 20, 'stream': true,"
                + " 'stream_options': {'include_usage': true}}");
    assertTrue(
        response.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream"));
    List<JsonNode> events = events(response.body());
    StringBuilder text = new StringBuilder();
    for (JsonNode event : events) text.append(event.at("/choices/0/text").asText());
    assertEquals(alone(20), text.toString());
    assertEquals("length", events.get(events.size() - 2).at("/choices/0/finish_reason").asText());
    assertEquals(20, events.getLast().at("/usage/completion_tokens").intValue());
    assertEquals(0, events.getLast().get("choices").size());
  }

  /** The events of a stream, of which the end is no part. */
  private static List<JsonNode> events(String body) throws IOException {
    List<String> lines =
        body.lines()
            .filter(line -> line.startsWith("data: "))
            .map(line -> line.substring(6))
            .toList();
    assertEquals("[DONE]", lines.getLast());
    List<JsonNode> events = new ArrayList<>();
    for (String line : lines.subList(0, lines.size() - 1)) {
      events.add(ServedModel.JSON.readTree(line));
    }
    return events;
  }

  @Test
  void chatsByTheCheckpointsTemplate() throws Exception {
    List<ChatMessage> said =
        List.of(ChatMessage.user("hello"), ChatMessage.model("well"), ChatMessage.user("king?"));
    String expected = served.gemma().generate(Prompt.chat(said), greedy(12)).text();
    String asked =
        "{'model': 'tiny', 'temperature': 0, 'max_completion_tokens': 12, 'messages': ["
            + "{'role': 'user', 'content': 'hello'}, {'role': 'assistant', 'content': 'well'},"
            + "{'role': 'user', 'content': [{'type': 'text', 'text': 'king?'}]}]";
    JsonNode answer = served.ask(CHAT, asked + ", 'logprobs': true, 'top_logprobs': 1}");
    assertEquals(expected, answer.at("/choices/0/message/content").textValue());
    assertEquals("assistant", answer.at("/choices/0/message/role").textValue());
    assertEquals(12, answer.at("/choices/0/logprobs/content").size());
    List<JsonNode> events = events(served.post(CHAT, asked + ", 'stream': true}").body());
    StringBuilder text = new StringBuilder();
    for (JsonNode event : events) text.append(event.at("/choices/0/delta/content").asText());
    assertEquals(expected, text.toString());
    assertEquals("assistant", events.getFirst().at("/choices/0/delta/role").textValue());
    assertEquals("length", events.getLast().at("/choices/0/finish_reason").textValue());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | 400 | an object {...} is wanted",
        "{'model': | 400 | not valid JSON",
        "{'model': 'tiny', 'model': 'tiny'} | 400 | comes twice",
        "{'prompt': 'a'} | 400 | model is missing",
        "{'model': 'gpt-4', 'prompt': 'a'} | 404 | there is no model \"gpt-4\"",
        "{'model': 'tiny'} | 400 | prompt is missing",
        "{'model': 'tiny', 'prompt': 7} | 400 | a list of strings",
        "{'model': 'tiny', 'prompt': []} | 400 | a list of strings",
        "{'model': 'tiny', 'prompt': [[]]} | 400 | a prompt has no tokens",
        "{'model': 'tiny', 'prompt': [1.5]} | 400 | token ids",
        "{'model': 'tiny', 'prompt': [2, 'a']} | 400 | token ids",
        "{'model': 'tiny', 'prompt': [99999]} | 400 | holds the id 99999",
        "{'model': 'tiny', 'prompt': [-1], 'echo': true, 'logprobs': 1} | 400 | holds the id -1",
        "{'model': 'tiny', 'prompt': 'a', 'max_tokens': -1} | 400 | max_tokens is",
        "{'model': 'tiny', 'prompt': 'a', 'max_tokens': 99999} | 400 | there is room for 20000",
        "{'model': 'tiny', 'prompt': 'a', 'max_tokens': 1e99} | 400 | max_tokens is",
        "{'model': 'tiny', 'prompt': 'a', 'temperature': -1} | 400 | temperature is -1",
        "{'model': 'tiny', 'prompt': 'a', 'temperature': 'hot'} | 400 | give a number",
        "{'model': 'tiny', 'prompt': 'a', 'top_p': 2} | 400 | top-p is 2",
        "{'model': 'tiny', 'prompt': 'a', 'n': 1000} | 400 | from 1 to 16",
        "{'model': 'tiny', 'prompt': ['a','b','c'], 'n': 16} | 400 | 48 answers are asked for",
        "{'model': 'tiny', 'prompt': 'a', 'stop': ''} | 400 | a stop string is empty",
        "{'model': 'tiny', 'prompt': 'a', 'stop': [1]} | 400 | give a string",
        "{'model': 'tiny', 'prompt': 'a', 'stream': 'yes'} | 400 | true or false",
        "{'model': 'tiny', 'prompt': 'a', 'stream_options': {}} | 400 | means nothing",
        "{'model': 'tiny', 'prompt': 'a', 'stream': true, 'n': 2} | 400 | stream one answer",
        "{'model': 'tiny', 'prompt': 'a', 'logprobs': 5} | 400 | from 0 to 1",
        "{'model': 'tiny', 'prompt': 'a', 'best_of': 3} | 400 | best_of is not served",
        "{'model': 'tiny', 'prompt': 'a', 'presence_penalty': 1} | 400 | not served",
        "{'model': 'tiny', 'prompt': 'a', 'max_token': 3} | 400 | did you mean max_tokens",
      })
  void refusesWhatItCantDo(String body, int status, String message) throws Exception {
    assertRefused(served.post(COMPLETIONS, body), status, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'model': 'tiny'} | messages is missing",
        "{'model': 'tiny', 'messages': []} | one message or more",
        "{'model': 'tiny', 'messages': ['a']} | objects with a role",
        "{'model': 'tiny', 'messages': [{'role': 'user'}]} | content is",
        "{'model': 'tiny', 'messages': [{'role': 'king', 'content': 'a'}]} | No role is called",
        "{'model': 'tiny', 'messages': [{'role': 'user', 'content': [{'type': 'image_url'}]}]} | parts of type text",
        "{'model': 'tiny', 'messages': [{'role': 'user', 'content': 'a'}], 'tools': [{}]} | tools is not served",
        "{'model': 'tiny', 'messages': [{'role': 'user', 'content': 'a'}], 'echo': true} | echo",
      })
  void refusesChatsThatItCantHave(String body, String message) throws Exception {
    assertRefused(served.post(CHAT, body), 400, message);
  }

  private static void assertRefused(HttpResponse<String> response, int status, String message)
      throws IOException {
    assertEquals(status, response.statusCode(), response.body());
    JsonNode error = ServedModel.JSON.readTree(response.body()).get("error");
    assertTrue(error.get("message").textValue().contains(message), response.body());
    assertEquals(1, error.get("message").textValue().lines().count());
  }

  @Test
  void refusesWhatIsNoRequestOfItsOwn() throws Exception {
    assertRefused(served.post("/v1/embeddings", "{}"), 404, "there is no \"/v1/embeddings\"");
    assertRefused(served.post("/v1/completionsX", "{}"), 404, "there is no");
    HttpRequest get = HttpRequest.newBuilder(served.uri(COMPLETIONS)).build();
    assertRefused(
        served.client().send(get, HttpResponse.BodyHandlers.ofString()), 405, "takes POST");
    HttpRequest form =
        HttpRequest.newBuilder(served.uri(COMPLETIONS))
            .header("Content-Type", "text/plain")
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    assertRefused(
        served.client().send(form, HttpResponse.BodyHandlers.ofString()), 415, "send JSON");
    String large = "{'model': 'tiny', 'prompt': '" + "a ".repeat(1 << 15) + "'}";
    assertRefused(served.post(COMPLETIONS, large), 413, "more than 65536 bytes");
    String deep = "[".repeat(5000);
    assertRefused(served.post(COMPLETIONS, deep), 400, "not valid JSON");
  }

  /** A web page may call this machine by a name of its own. */
  @Test
  void refusesAnotherHostsName() throws Exception {
    try (Socket client = new Socket("127.0.0.1", served.server().address().getPort())) {
      client
          .getOutputStream()
          .write(
              "GET /health HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String response =
          new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertTrue(response.startsWith("HTTP/1.1 421 "), response);
    }
  }

  /** What has too many tokens in any case is not encoded. */
  @Test
  void refusesABook() throws Exception {
    try (ServedModel small = ServedModel.of("tiny", checkpoint, 1, 16, 4)) {
      String book = "{'model': 'tiny', 'prompt': '" + "a".repeat(2000) + "'}";
      assertRefused(small.post(COMPLETIONS, book), 400, "a prompt has 2000 characters");
    }
  }

  @Test
  void aBaseModelIsAskedForNoChat() throws Exception {
    Path base = GoldenFiles.checkpointWithTokenizer(folder);
    Files.writeString(base.resolve("tokenizer_config.json"), "{\"bos_token\": \"<bos>\"}");
    try (ServedModel other = ServedModel.of("tiny", base, 1, 64, 4)) {
      assertRefused(
          other.post(CHAT, "{'model': 'tiny', 'messages': [{'role': 'user', 'content': 'hello'}]}"),
          400,
          "the model \"tiny\" has no chat template");
    }
  }

  @Test
  void onlyWhoHasTheTokenIsAnswered() throws Exception {
    try (ApiServer guarded =
        ApiServer.start(served.service(), ServedModel.options(Optional.of("sesame")))) {
      ServedModel other =
          new ServedModel(served.gemma(), served.service(), guarded, served.client());
      String body = "{'model': 'tiny', 'prompt': 'a', 'max_tokens': 1}";
      HttpResponse<String> refused = other.post(COMPLETIONS, body);
      assertRefused(refused, 401, "bearer token");
      assertEquals("Bearer", refused.headers().firstValue("WWW-Authenticate").orElseThrow());
      for (String header : List.of("Bearer sesam", "Bearer sesame1", "sesame", "Basic sesame")) {
        HttpRequest wrong =
            other.request(COMPLETIONS, body).header("Authorization", header).build();
        assertEquals(
            401, other.client().send(wrong, HttpResponse.BodyHandlers.ofString()).statusCode());
      }
      HttpRequest right =
          other.request(COMPLETIONS, body).header("Authorization", "Bearer sesame").build();
      assertEquals(
          200, other.client().send(right, HttpResponse.BodyHandlers.ofString()).statusCode());
      HttpRequest health = HttpRequest.newBuilder(other.uri("/health")).build();
      assertEquals(
          200, other.client().send(health, HttpResponse.BodyHandlers.ofString()).statusCode());
    }
  }

  /** More clients than slots, with what else they ask for: each gets the answer given alone. */
  @Test
  void clientsAreAnsweredAsIfAlone() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String body =
          i % 4 == 3
              ? "'prompt': [2, 30, 31, 32, "
                  + (40 + i)
                  + "], 'echo': true, 'logprobs': 1, 'max_tokens': 0"
              : "'prompt': [2, " + (10 + i) + "], 'temperature': 0, 'max_tokens': " + (5 + 3 * i);
      answers.add(
          served
              .client()
              .sendAsync(
                  served.request(COMPLETIONS, "{'model': 'tiny', " + body + "}").build(),
                  HttpResponse.BodyHandlers.ofString()));
    }
    for (int i = 0; i < 12; i++) {
      JsonNode choice = ServedModel.JSON.readTree(answers.get(i).get().body()).at("/choices/0");
      if (i % 4 == 3) {
        Prompt prompt = Prompt.ids(2, 30, 31, 32, 40 + i);
        float last = served.gemma().logProbabilities(prompt)[3];
        assertEquals(last, choice.at("/logprobs/token_logprobs/4").floatValue(), 1e-4);
      } else {
        Prompt prompt = Prompt.ids(2, 10 + i);
        assertEquals(
            served.gemma().generate(prompt, greedy(5 + 3 * i)).text(),
            choice.get("text").textValue());
      }
    }
  }

  /** Whether the answer comes in pieces or whole, and whether it was begun or waited. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoLeavesFreesTheSlot(boolean stream) throws Exception {
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < ServedModel.SLOTS + 2; i++) clients.add(endless(stream));
    await(() -> served.service().active() == ServedModel.SLOTS && served.service().waiting() == 2);
    for (Socket client : clients) client.close();
    await(() -> served.service().active() == 0 && served.service().waiting() == 0);
    assertEquals(
        alone(5),
        complete("'prompt': '" + TEXT + "', 'temperature': 0, 'max_tokens': 5")
            .at("/choices/0/text")
            .textValue());
  }

  @Test
  void aFullQueueSaysWhenToComeAgain() throws Exception {
    List<Socket> clients = new ArrayList<>();
    try {
      for (int i = 0; i < ServedModel.SLOTS; i++) clients.add(endless(true));
      await(() -> served.service().active() == ServedModel.SLOTS);
      for (int i = 0; i < ServedModel.MOST_WAITING; i++) clients.add(endless(true));
      await(() -> served.service().waiting() == ServedModel.MOST_WAITING);
      HttpResponse<String> refused =
          served.post(COMPLETIONS, "{'model': 'tiny', 'prompt': 'a', 'max_tokens': 1}");
      assertRefused(refused, 429, "32 requests wait already");
      assertTrue(refused.headers().firstValue("Retry-After").isPresent());
    } finally {
      for (Socket client : clients) client.close();
    }
    await(() -> served.service().active() == 0 && served.service().waiting() == 0);
  }

  /** A client that asks for an answer of minutes. */
  private static Socket endless(boolean stream) throws IOException {
    return endless(served.server(), stream);
  }

  private static Socket endless(ApiServer server, boolean stream) throws IOException {
    String body =
        """
        {"model": "tiny", "prompt": [2, 10, 11], "max_tokens": 19000, "ignore_eos": true,
         "temperature": 0, "stream": %s}"""
            .formatted(stream);
    Socket socket = new Socket("127.0.0.1", server.address().getPort());
    String request =
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: %d\r\n\r\n%s".formatted(body.length(), body);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return socket;
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  /** Waits; the test's time limit is the patience. */
  private static void await(Condition condition) throws Exception {
    while (!condition.holds()) Thread.sleep(10);
  }

  /** An open stream ends with a line that says so, and nobody is answered any more. */
  @Test
  void stoppingEndsOpenStreams() throws Exception {
    ApiServer stopping = ApiServer.start(served.service(), ServedModel.options(Optional.empty()));
    try (Socket client = endless(stopping, true)) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
      while (!in.readLine().startsWith("data: ")) continue;
      stopping.close();
      List<String> rest = in.lines().filter(line -> line.startsWith("data: ")).toList();
      assertTrue(rest.getLast().contains("the server is stopping"), rest.getLast());
    }
    await(() -> served.service().active() == 0);
    assertThrows(
        ConnectException.class,
        () -> new Socket("127.0.0.1", stopping.address().getPort()).close());
    assertFalse(served.post(COMPLETIONS, "{}").body().isEmpty(), "the other server goes on");
  }

  @Test
  void anAddressThatIsTakenIsRefused() {
    int port = served.server().address().getPort();
    InvalidInput refused =
        assertThrows(
            InvalidInput.class,
            () ->
                ApiServer.start(
                    served.service(), ServerOptions.of("127.0.0.1", port, Optional.empty())));
    assertTrue(refused.getMessage().contains("port " + port), refused.getMessage());
    assertThrows(
        InvalidInput.class, () -> ServerOptions.of("no.such.host.invalid", 0, Optional.empty()));
  }
}
