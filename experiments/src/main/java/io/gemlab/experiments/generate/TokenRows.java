package io.gemlab.experiments.generate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.batch.TokenFile;
import io.gemlab.graph.base.checkpoint.CheckpointKind;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.generate.Answer;
import io.gemlab.graph.generate.Prompt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Rows of token ids in JSON, on their way to prompts and back from answers. */
public final class TokenRows {
  private static final JsonMapper JSON = new JsonMapper();

  private TokenRows() {}

  /**
   * The rows of an {@link TokenFile} without their padding.
   *
   * @param checkpoint the folder whose vocabulary they are of
   * @throws io.gemlab.graph.base.input.InvalidInput if it is no such file, or has an id that is not
   *     in it; or the folder is no checkpoint
   */
  public static List<Prompt> read(Path file, Path checkpoint) {
    CheckpointKind.requireReadable(checkpoint);
    Path config = checkpoint.resolve("config.json");
    TokenBatch batch = TokenFile.read(file, ConfigJson.read(config).vocabSize());
    List<Prompt> prompts = new ArrayList<>();
    for (int b = 0; b < batch.rows(); b++) {
      int[] ids = batch.inputIds()[b];
      int[] mask = batch.attentionMask()[b];
      prompts.add(
          Prompt.ids(
              IntStream.range(0, ids.length).filter(t -> mask[t] != 0).map(t -> ids[t]).toArray()));
    }
    return prompts;
  }

  /**
   * {@code {"output_ids": [[...]], "finish_reasons": [...]}}: each row's new tokens, one that ended
   * it the last, and why there are no more; and with {@code scored} their {@code
   * log_probabilities}.
   */
  public static String json(List<Answer> answers, boolean scored) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("output_ids", answers.stream().map(answer -> answer.tokens().ids()).toList());
    json.put(
        "finish_reasons",
        answers.stream().map(answer -> answer.tokens().finish().label()).toList());
    if (scored) {
      json.put(
          "log_probabilities",
          answers.stream().map(answer -> answer.tokens().logProbabilities()).toList());
    }
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers are always JSON", e);
    }
  }
}
