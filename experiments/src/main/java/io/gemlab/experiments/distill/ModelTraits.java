package io.gemlab.experiments.distill;

import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.Tokenizers;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.ops.attention.Softcap;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What a teacher and its student have to share, so that a token of the one is that of the other and
 * stands in the same place.
 *
 * @param values by name, as Hugging Face's config has it
 */
public record ModelTraits(SequencedMap<String, String> values) {
  private static final String TOKENIZER = "tokenizer_sha256";
  private static final String FINAL_CAP = "final_logit_softcapping";
  private static final String ATTENTION_CAP = "attn_logit_softcapping";
  private static final String CONTEXT = "max_position_embeddings";
  private static final List<String> NAMES =
      List.of(
          "vocab_size",
          TOKENIZER,
          "bos_token_id",
          "eos_token_id",
          "pad_token_id",
          FINAL_CAP,
          ATTENTION_CAP,
          CONTEXT);

  /** Those in which a student may differ where its recipe says so: each model has its own. */
  public static final List<String> MAY_DIFFER = List.of(FINAL_CAP, ATTENTION_CAP, CONTEXT);

  public ModelTraits {
    values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
  }

  /**
   * Those of a model.
   *
   * @param tokenizerSha256 of the tokenizer's content
   */
  public static ModelTraits of(Gemma2Config config, String tokenizerSha256) {
    List<String> values =
        List.of(
            String.valueOf(config.vocabSize()),
            tokenizerSha256,
            String.valueOf(config.tokens().bos()),
            config.tokens().eos().toString(),
            String.valueOf(config.tokens().pad()),
            text(config.finalLogitSoftcapping()),
            text(config.attnLogitSoftcapping()),
            String.valueOf(config.maxPositionEmbeddings()));
    SequencedMap<String, String> traits = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) traits.put(NAMES.get(i), values.get(i));
    return new ModelTraits(traits);
  }

  /**
   * Those of a checkpoint.
   *
   * @throws InvalidInput if there is no tokenizer in it
   */
  public static ModelTraits of(Path checkpoint) {
    return of(
        ConfigJson.read(checkpoint.resolve("config.json")),
        Sha256.of(Tokenizers.requireIn(checkpoint)));
  }

  /** Those among the entries of a file's header; one that is not there is empty. */
  static ModelTraits among(Map<String, String> entries) {
    SequencedMap<String, String> traits = new LinkedHashMap<>();
    for (String name : NAMES) traits.put(name, entries.getOrDefault(name, ""));
    return new ModelTraits(traits);
  }

  /** Tokens of the vocabulary; 0 where it isn't known. */
  int vocabSize() {
    String value = values.get(NAMES.getFirst());
    return value.matches("\\d{1,9}") ? Integer.parseInt(value) : 0;
  }

  private static String text(Softcap cap) {
    return cap.cap().isPresent() ? String.valueOf(cap.cap().getAsDouble()) : "none";
  }

  /**
   * Checks that a teacher can score rows.
   *
   * @param length tokens of a row
   * @throws InvalidInput if they are longer than its context
   */
  public static void requireContext(Path checkpoint, Gemma2Config config, int length) {
    if (length <= config.maxPositionEmbeddings()) return;
    throw new InvalidInput(
        "rows have %d tokens, and the teacher %s has %s %d; give training.length: %4$d or less"
            .formatted(length, checkpoint, CONTEXT, config.maxPositionEmbeddings()));
  }

  /**
   * Checks that a student can learn of the teacher whose traits these are.
   *
   * @param teacher what to call it in messages
   * @param allowed names in which they may differ
   * @throws InvalidInput if they differ in another; it names the first
   */
  public void requireSame(String teacher, ModelTraits student, List<String> allowed) {
    for (String name : NAMES) {
      String theirs = values.get(name);
      String ours = student.values.get(name);
      if (theirs.equals(ours) || allowed.contains(name)) continue;
      String remedy =
          name.equals(TOKENIZER)
              ? "name the teacher's tokenizer, or take another teacher"
              : MAY_DIFFER.contains(name)
                  ? "give config: {%s: %s}, or allow_differences: [%1$s] if each is to have its own"
                      .formatted(name, theirs.equals("none") ? "null" : theirs)
                  : "take a teacher of the student's vocabulary";
      throw new InvalidInput(
          "%s has %s %s and the student %s; %s".formatted(teacher, name, theirs, ours, remedy));
    }
  }
}
