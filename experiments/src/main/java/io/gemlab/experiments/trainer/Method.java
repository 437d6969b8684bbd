package io.gemlab.experiments.trainer;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.Kind;
import io.gemlab.experiments.recipe.OptimizerSpec;
import io.gemlab.experiments.recipe.Require;
import io.gemlab.experiments.recipe.ScheduleSpec;
import io.gemlab.experiments.recipe.Values;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.gemma2.WeightKind;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.train.Decay;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.ops.Precision;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How a run trains besides what an ablation's recipe says of it.
 *
 * @param decay how the learning rate falls after the warm-up
 * @param decayNorms whether norms decay. They multiply by 1 + w, so that decay pulls their scale to
 *     1
 * @param decayEmbedding whether the embedding decays
 * @param emaDecay the share of a running mean of the weights that a step keeps; empty for no mean
 * @param weights the type that trained weights are stored in
 * @param lossPieces into how many each row is cut for the loss, so that the scores of one exist at
 *     a time
 * @param skipSpikes whether a step whose loss stands out is not taken
 * @param diagnoseEvery steps from one that is looked into to the next; 0 for none
 */
record Method(
    Decay decay,
    boolean decayNorms,
    boolean decayEmbedding,
    OptionalDouble emaDecay,
    ElementType weights,
    int lossPieces,
    boolean skipSpikes,
    int diagnoseEvery) {
  private static final String COSINE = "cosine";
  private static final String LINEAR = "linear";
  private static final String CONSTANT = "constant";
  private static final String WSD = "wsd";
  private static final List<String> SCHEDULES = List.of(COSINE, LINEAR, CONSTANT, WSD);

  private static final Key<String> SCHEDULE =
      Key.of(
          "schedule",
          Kind.TEXT,
          new Values.OneOf(SCHEDULES, ""),
          "How the learning rate goes after the warm-up: by half a `cosine` or in a line to the"
              + " floor, `constant`, or `wsd`: stable, then in a line to the floor.");
  private static final Key<Double> DECAY_SHARE =
      Key.of(
          "decay_share",
          Kind.NUMBER,
          Values.fromTo(0, 1),
          "fraction of the steps after the warm-up",
          "Of `schedule: wsd`, how many of the last steps fall.");
  private static final Key<Boolean> DECAY_NORMS =
      Key.of(
          "decay_norms",
          Kind.FLAG,
          Values.ANY,
          "Whether `weight_decay` is the norms' too; they multiply by 1 + w, so that it pulls their"
              + " scale to 1.");
  private static final Key<Boolean> DECAY_EMBEDDING =
      Key.of(
          "decay_embedding",
          Kind.FLAG,
          Values.ANY,
          "Whether `weight_decay` is the embedding's too.");
  private static final Key<Double> EMA_DECAY =
      Key.of(
              "ema_decay",
              Kind.NUMBER,
              Values.fromToBelow(0, 1),
              "The share of a running mean of the weights that a step keeps; the mean is in each"
                  + " checkpoint's `ema/`.")
          .orNull();
  private static final Key<String> WEIGHTS_DTYPE =
      Key.of(
          "weights_dtype",
          Kind.TEXT,
          new Values.OneOf(List.of("float32", "bfloat16"), ""),
          "The type that trained weights are stored in: float32 masters, or bfloat16 alone, which"
              + " rounds small updates away.");
  private static final Key<Integer> LOSS_PIECES =
      Key.of(
          "loss_pieces",
          Kind.INTEGER,
          Values.atLeast(1),
          "pieces",
          "Into how many each row is cut for the loss: the scores of a piece over the vocabulary"
              + " exist at a time; the loss is the same.");
  private static final Key<Boolean> SKIP_SPIKES =
      Key.of(
          "skip_spikes",
          Kind.FLAG,
          Values.ANY,
          "Whether a step is not taken whose loss is 6 standard deviations above the 128 before.");
  private static final Key<Integer> DIAGNOSE_EVERY =
      Key.of(
          "diagnose_every",
          Kind.INTEGER,
          Values.atLeast(0),
          "steps",
          "Steps from one that is looked into to the next: attention logits near the cap, and"
              + " updates that bfloat16 would lose; 0 for none.");

  /** What {@link #of} reads. */
  static final List<Key<?>> KEYS =
      List.of(
          SCHEDULE,
          DECAY_SHARE,
          DECAY_NORMS,
          DECAY_EMBEDDING,
          EMA_DECAY,
          WEIGHTS_DTYPE,
          LOSS_PIECES,
          SKIP_SPIKES,
          DIAGNOSE_EVERY);

  Method {
    if (weights != ElementType.F32 && weights != ElementType.BF16) {
      throw new InvalidInput(
          "weights_dtype is %s; give float32 or bfloat16".formatted(weights.label()));
    }
    Require.positive(LOSS_PIECES.name(), lossPieces);
    if (diagnoseEvery < 0) {
      throw new InvalidInput("diagnose_every is " + diagnoseEvery + "; give 0 or more");
    }
  }

  /**
   * Reads the keys.
   *
   * @throws InvalidInput if a value is missing or can't be
   */
  static Method of(Fields fields) {
    return new Method(
        decay(fields.get(SCHEDULE), fields.get(DECAY_SHARE)),
        fields.get(DECAY_NORMS),
        fields.get(DECAY_EMBEDDING),
        fields.has(EMA_DECAY.name())
            ? OptionalDouble.of(fields.get(EMA_DECAY))
            : OptionalDouble.empty(),
        Tensors.elementType(Choices.precision(fields.get(WEIGHTS_DTYPE)).type()),
        fields.get(LOSS_PIECES),
        fields.get(SKIP_SPIKES),
        fields.get(DIAGNOSE_EVERY));
  }

  private static Decay decay(String schedule, double share) {
    return switch (schedule) {
      case COSINE -> new Decay.Cosine();
      case LINEAR -> new Decay.Linear();
      case CONSTANT -> new Decay.None();
      case WSD -> new Decay.WarmupStableDecay(1 - share, share);
      default -> throw NearestName.unknown("schedule", schedule, SCHEDULES);
    };
  }

  /** Cross-entropy of the next token. */
  NextTokenLoss loss() {
    return new NextTokenLoss(lossPieces);
  }

  /** What a training step is traced with. */
  TrainStep.Optimizer optimizer(OptimizerSpec spec, ScheduleSpec schedule, Precision computed) {
    LearningRate rate = schedule.learningRate();
    Map<WeightKind, Double> decays = new EnumMap<>(WeightKind.class);
    if (!decayNorms) decays.put(WeightKind.NORM, 0.0);
    if (!decayEmbedding) decays.put(WeightKind.EMBEDDING, 0.0);
    return new TrainStep.Optimizer(
        spec.adamW(),
        decays,
        new LearningRate(rate.peak(), rate.warmupSteps(), rate.totalSteps(), rate.floor(), decay),
        OptionalDouble.of(spec.maxGradNorm()),
        emaDecay,
        skipSpikes,
        computed == Precision.FLOAT16);
  }
}
