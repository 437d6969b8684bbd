package io.gemlab.experiments.eval.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.eval.request.Answer;
import io.gemlab.experiments.eval.score.AnswerCache;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Answers in a file, a line each as it comes, so that a process that dies loses none but the one
 * that it was writing. Any thread may put.
 */
final class AnswerFile implements AnswerCache, AutoCloseable {
  /** The file's name. */
  static final String FILE = "answers.jsonl";

  private static final JsonMapper JSON = new JsonMapper();

  private final Map<String, Answer> answers = new HashMap<>();
  private final Writer writer;

  private AnswerFile(Path file) throws IOException {
    writer =
        Files.newBufferedWriter(
            file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Whether a folder's file has anything in it. */
  static boolean isBegun(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    return Files.exists(file) && Files.size(file) > 0;
  }

  /**
   * Opens a folder's file, or begins it.
   *
   * @throws InvalidInput if it holds something else
   */
  static AnswerFile open(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    Map<String, Answer> known = Files.exists(file) ? read(file) : Map.of();
    AnswerFile opened = new AnswerFile(file);
    opened.answers.putAll(known);
    return opened;
  }

  private static Map<String, Answer> read(Path file) throws IOException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    int whole = text.lastIndexOf('\n') + 1;
    if (whole < text.length()) {
      // The line that was being written; it is answered again.
      byte[] kept = text.substring(0, whole).getBytes(StandardCharsets.UTF_8);
      Files.write(file, kept);
    }
    Map<String, Answer> answers = new HashMap<>();
    long number = 0;
    for (String line : text.substring(0, whole).lines().toList()) {
      number++;
      JsonNode node = parsed(line);
      Optional<Answer> answer = answer(node);
      if (answer.isEmpty()) {
        throw new InvalidInput(
            "%s, line %d is no answer; delete the file, and all is answered again"
                .formatted(file, number));
      }
      answers.put(node.get("request").textValue(), answer.get());
    }
    return answers;
  }

  private static JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    }
  }

  private static Optional<Answer> answer(JsonNode node) {
    int tokens = node.path("tokens").intValue();
    if (!node.path("request").isTextual() || !node.path("tokens").isInt()) return Optional.empty();
    if (node.path("text").isTextual()) {
      return Optional.of(new Answer.Text(node.get("text").textValue(), tokens));
    }
    if (!node.path("loglikelihood").isNumber() || !node.path("greedy").isBoolean()) {
      return Optional.empty();
    }
    return Optional.of(
        new Answer.Likelihood(
            node.get("loglikelihood").doubleValue(), node.get("greedy").booleanValue(), tokens));
  }

  @Override
  public synchronized Optional<Answer> get(String request) {
    return Optional.ofNullable(answers.get(request));
  }

  @Override
  public synchronized void put(String request, Answer answer) {
    ObjectNode node = JSON.createObjectNode().put("request", request);
    switch (answer) {
      case Answer.Likelihood likelihood ->
          node.put("loglikelihood", likelihood.logLikelihood())
              .put("greedy", likelihood.greedy())
              .put("tokens", likelihood.tokens());
      case Answer.Text text -> node.put("text", text.text()).put("tokens", text.tokens());
    }
    try {
      writer.write(JSON.writeValueAsString(node) + "\n");
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing an answer", e);
    }
    answers.put(request, answer);
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
