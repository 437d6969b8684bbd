package io.gemlab.experiments.doctor;

import io.gemlab.experiments.recipe.Level;
import io.gemlab.graph.base.checkpoint.CheckpointKind;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.TensorInfo;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.ChatTemplate;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.base.text.Tokenizers;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.EndTokens;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.position.Rope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What a checkpoint's folder is, and whether it loads. TensorFlow is not started. */
public final class CheckpointChecks {
  private static final String FOLDER = "folder";
  private static final String CONFIGURATION = "config";
  private static final String WEIGHTS = "weights";
  private static final String TOKENIZER = "tokenizer";
  private static final String TEMPLATE = "chat template";
  private static final List<String> NEEDED = List.of(FOLDER, CONFIGURATION, WEIGHTS);

  private static final String CONFIG = "config.json";

  private final Path folder;

  private CheckpointChecks(Path folder) {
    this.folder = folder;
  }

  /**
   * Looks at a folder; the first thing that keeps it from loading ends the looking.
   *
   * @throws InvalidInput if there is no such folder
   */
  public static List<Check> examine(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new CheckpointKind.NoFolder(Files.exists(folder)).refusal(folder);
    }
    return new CheckpointChecks(folder).examine();
  }

  /** The checks in a line: whether the folder loads, and for what. */
  public static String summary(List<Check> checks) {
    if (Doctor.healthy(checks)) return "loads";
    return NEEDED.stream().allMatch(subject -> isFine(checks, subject))
        ? "loads for logits and training; generate and chat refuse it"
        : "does not load";
  }

  private static boolean isFine(List<Check> checks, String subject) {
    return checks.stream()
        .anyMatch(
            check -> check.subject().equals(subject) && check.verdict() != Check.Verdict.MISSING);
  }

  private List<Check> examine() {
    List<Check> checks = new ArrayList<>();
    if (!added(checks, trying(FOLDER, "repair that file or fetch it again", this::kind))) {
      return checks;
    }
    if (!added(checks, trying(CONFIGURATION, "correct config.json", this::config))) return checks;
    try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
      Gemma2Config config = ConfigJson.read(folder.resolve(CONFIG));
      checks.add(
          trying(
              WEIGHTS,
              "fetch config.json and weights of one model",
              () -> weights(checkpoint, config)));
      checks.add(trying("end tokens", "correct eos_token_id", () -> endTokens(checkpoint, config)));
      checks.addAll(text(checkpoint, config));
    } catch (InvalidInput e) {
      checks.add(Check.missing(WEIGHTS, List.of(e.getMessage()), "fetch the weights again"));
    }
    return checks;
  }

  private static boolean added(List<Check> checks, Check check) {
    checks.add(check);
    return check.verdict() != Check.Verdict.MISSING;
  }

  private static Check trying(String subject, String remedy, Supplier<Check> tried) {
    try {
      return tried.get();
    } catch (InvalidInput e) {
      return Check.missing(subject, List.of(e.getMessage()), remedy);
    }
  }

  private Check kind() {
    return switch (CheckpointKind.of(folder)) {
      case CheckpointKind.Readable readable ->
          Check.ok(FOLDER, List.of(folder + " " + readable.description()));
      case CheckpointKind.Unreadable unreadable ->
          Check.missing(
              FOLDER, List.of(folder + " " + unreadable.description()), unreadable.remedy());
    };
  }

  private Check config() {
    Gemma2Config config = ConfigJson.read(folder.resolve(CONFIG));
    return Check.ok(
        CONFIGURATION,
        List.of(
            "%d layers of size %d, %d query heads and %d key-value heads of %d"
                .formatted(
                    config.numHiddenLayers(),
                    config.hiddenSize(),
                    config.numAttentionHeads(),
                    config.numKeyValueHeads(),
                    config.headDim()),
            "%d tokens in the vocabulary, context %d, sliding window %d"
                .formatted(
                    config.vocabSize(), config.maxPositionEmbeddings(), config.slidingWindow()),
            "softcaps: attention %s, logits %s; %s"
                .formatted(
                    cap(config.attnLogitSoftcapping()),
                    cap(config.finalLogitSoftcapping()),
                    config.qkNorm() ? "QK-norm" : "no QK-norm"),
            "rotary base: sliding layers %s, global layers %s"
                .formatted(rope(config.ropes().sliding()), rope(config.ropes().full()))));
  }

  private static String rope(Rope rope) {
    String base = Level.of(rope.theta());
    return rope.factor() == 1 ? base : base + ", positions / " + Level.of(rope.factor());
  }

  private static String cap(Softcap softcap) {
    return softcap.cap().isPresent() ? String.valueOf(softcap.cap().getAsDouble()) : "none";
  }

  private static Check weights(HfCheckpoint checkpoint, Gemma2Config config) {
    checkpoint.requireExactly(WeightSpec.shapes(config));
    Map<String, Long> bytes =
        checkpoint.tensors().values().stream()
            .collect(
                Collectors.groupingBy(
                    tensor -> tensor.type().label(),
                    TreeMap::new,
                    Collectors.summingLong(TensorInfo::byteSize)));
    List<String> found = new ArrayList<>();
    found.add(
        "%d parameters in %d tensors, all that config.json asks for"
            .formatted(WeightSpec.parameters(config), checkpoint.tensors().size()));
    bytes.forEach(
        (type, size) -> found.add("%s: %.1f MiB".formatted(type, size / (double) (1 << 20))));
    return Check.ok(WEIGHTS, found);
  }

  private Check endTokens(HfCheckpoint checkpoint, Gemma2Config config) {
    EndTokens end = EndTokens.of(checkpoint.files(), folder, config);
    String ids = end.ids().stream().map(String::valueOf).collect(Collectors.joining(", "));
    return Check.ok("end tokens", List.of("%s, from %s".formatted(ids, end.source())));
  }

  private List<Check> text(HfCheckpoint checkpoint, Gemma2Config config) {
    try (Tokenizer tokenizer = Tokenizers.openIn(folder).orElse(null)) {
      return tokenizer == null
          ? List.of(
              Check.limited(
                  TOKENIZER,
                  List.of("none: the model takes token ids only"),
                  "copy the model's tokenizer.json or tokenizer.model there"))
          : List.of(tokenizer(tokenizer, config), template(tokenizer, checkpoint, config));
    } catch (InvalidInput e) {
      return List.of(
          Check.missing(
              TOKENIZER, List.of(e.getMessage()), "copy the model's tokenizer there again"));
    }
  }

  private static Check tokenizer(Tokenizer tokenizer, Gemma2Config config) {
    int tokens = tokenizer.vocabularySize();
    List<String> found = List.of("%d tokens".formatted(tokens));
    return tokens <= config.vocabSize()
        ? Check.ok(TOKENIZER, found)
        : Check.limited(
            TOKENIZER,
            found,
            "the model has %d; copy its own tokenizer there".formatted(config.vocabSize()));
  }

  private Check template(Tokenizer tokenizer, HfCheckpoint checkpoint, Gemma2Config config) {
    try {
      Set<Integer> ends = Set.copyOf(EndTokens.of(checkpoint.files(), folder, config).ids());
      String name = ChatTemplate.openToChat(folder, tokenizer, ends).name();
      return Check.ok(
          TEMPLATE,
          List.of(ChatTemplate.isIn(folder) ? name : "none in the folder: " + name + " is used"));
    } catch (InvalidInput e) {
      return Check.limited(
          TEMPLATE, List.of(e.getMessage()), "none to generate from text; chat refuses it");
    }
  }
}
