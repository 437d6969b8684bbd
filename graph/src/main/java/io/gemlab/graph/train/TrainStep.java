package io.gemlab.graph.train;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NotFiniteException;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Differentiable;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.gemma2.Parameter;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.StateWeight;
import io.gemlab.graph.gemma2.WeightKind;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.loss.LossSum;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.BiFunction;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * The training step: {@code (weights, moments, step; tokens, positions, labels) -> (the same,
 * updated; loss)}. A step of one batch is one function ({@link #trace}); of a step of several, each
 * goes through {@link #traceAccumulate}, and {@link #traceUpdate} ends it.
 *
 * <p>The loss is divided once, by the scored tokens of the whole step. Trained weights are stored
 * in float32 and cast to the model's type where they are used, or stored in bfloat16, which rounds
 * small updates away; gradients and moments are float32. Frozen weights are stored in any type;
 * they take no gradient and no moments, and layers below the lowest trained weight run forward
 * only.
 *
 * @param model what is trained
 * @param parameters how its weights are stored, and which are trained
 * @param batch its size
 * @param loss what it minimises
 */
public record TrainStep<T extends TFloating>(
    Gemma2Model<T> model, Parameters parameters, TrainingLoss.BatchShape batch, TrainingLoss loss) {

  /**
   * @throws InvalidInput if nothing is trained, or a trained weight is stored in neither float32
   *     nor bfloat16
   */
  public TrainStep {
    if (parameters.trained().isEmpty()) {
      throw new InvalidInput("no weight is trained; name a kind of weights and layers that are");
    }
    for (Parameter trained : parameters.trained()) {
      if (trained.quantization() != Quantization.NONE) {
        throw new InvalidInput(
            "%s is %s and has no gradient; freeze it, or train without quantization"
                .formatted(trained.name(), trained.quantization().label()));
      }
      if (trained.storageType() != ElementType.F32 && trained.storageType() != ElementType.BF16) {
        throw new InvalidInput(
            "%s is stored in %s; store trained weights in float32 or bfloat16"
                .formatted(trained.name(), trained.storageType().label()));
      }
    }
  }

  /** A step that trains the whole model. */
  public TrainStep(Gemma2Model<T> model, TrainingLoss.BatchShape batch, TrainingLoss loss) {
    this(model, Parameters.trained(model), batch, loss);
  }

  /** The mean loss before the step, a result of every function here that has all of the step. */
  public static final String LOSS = "loss";

  /** The loss of a batch, summed over its scored tokens; a result of what runs the model. */
  public static final String LOSS_SUM = "loss_sum";

  /** How many tokens of a batch are scored, an int32 scalar beside {@link #LOSS_SUM}. */
  public static final String TOKENS = "tokens";

  /** The gradients' global norm before clipping, a result of what updates weights. */
  public static final String GRADIENT_NORM = "grad_norm";

  /** The step's learning rate, a result of what updates weights. */
  public static final String LEARNING_RATE = "learning_rate";

  /**
   * For each trained tensor, in the order in which they are updated, 1 where its gradient is finite
   * throughout and 0 elsewhere: int32 [N], a result of what updates weights.
   */
  public static final String FINITE = "gradients_finite";

  /** 1 where the step was taken and 0 where all state stayed: a result where it may be skipped. */
  public static final String APPLIED = "applied";

  /** What the step's loss was multiplied by, a result where it is scaled. */
  public static final String LOSS_SCALE = "loss_scale";

  /**
   * How many numbers of each trained tensor the step left as they were, int32 [N]: a result where
   * weights are stored in bfloat16.
   */
  public static final String UNCHANGED = "unchanged";

  /** How many numbers of each trained tensor the step moved, int32 [N], beside {@link #LOST}. */
  public static final String MOVED = "moved";

  /**
   * How many of these would stay if the weights were kept in bfloat16, int32 [N]: a result of
   * {@link Report#LOST_UPDATES}.
   */
  public static final String LOST = "lost_in_bfloat16";

  /** The argument of a guarded step: it is not taken where its loss is above, a scalar. */
  public static final String MAX_LOSS = "max_loss";

  /** The argument of a guarded step: it is not taken where {@link #GRADIENT_NORM} is above. */
  public static final String MAX_NORM = "max_grad_norm";

  /** The argument of {@link #traceAccumulate}: the number of a micro-batch in its step, int32. */
  public static final String MICRO_BATCH = "micro_batch";

  /** The argument of {@link #traceAccumulate}: the scored tokens of the whole step, float32. */
  public static final String STEP_TOKENS = "step_tokens";

  /** An argument and a result of {@link #traceReduce}: how many workers want to stop, int32. */
  public static final String STOPPING = "stopping";

  /**
   * A result of {@link #traceReduce}: seconds from having one's own gradients to having all
   * workers', which is what their sum takes beyond the backward pass, and the wait for the slowest.
   */
  public static final String REDUCE_SECONDS = "reduce_seconds";

  /** Steps done, a float32 scalar of the state. */
  public static final String STEP = "optimizer/step";

  // What calls of collectives are told apart by.
  private static final long NUMBERS = 1;
  private static final long COUNTS = 2;
  private static final long FIRST_GRADIENTS = 3;

  private static final String EXP_AVG = "optimizer/exp_avg/";
  private static final String EXP_AVG_SQ = "optimizer/exp_avg_sq/";
  private static final String EMA = "ema/";
  private static final String GRADIENT = "gradient/";

  /** The state that holds a weight's first moment. */
  public static String expAvg(String weight) {
    return EXP_AVG + weight;
  }

  /** The state that holds a weight's second moment. */
  public static String expAvgSq(String weight) {
    return EXP_AVG_SQ + weight;
  }

  /** The state that holds a weight's running mean over steps; 0 until the first step is taken. */
  public static String ema(String weight) {
    return EMA + weight;
  }

  /** The state that holds a weight's gradient, added up over micro-batches. */
  static String gradient(String weight) {
    return GRADIENT + weight;
  }

  /**
   * The weight that a moment, a running mean or a gradient belongs to.
   *
   * @throws IllegalArgumentException if the state belongs to none
   */
  public static String weightOf(String state) {
    for (String prefix : List.of(EXP_AVG, EXP_AVG_SQ, EMA, GRADIENT)) {
      if (state.startsWith(prefix)) return state.substring(prefix.length());
    }
    throw new IllegalArgumentException(state + " belongs to no weight");
  }

  /**
   * Assigns a fresh optimizer's state: no steps done, moments of zero.
   *
   * @param step the training step, or what ends one, which the executable runs
   */
  public static void resetOptimizer(GraphFunction step, Executable executable) {
    for (GraphFunction.Input state : step.state()) {
      switch (state.role().orElseThrow()) {
        case MOMENT, EMA, GRADIENT, STEP -> {
          try (Arena arena = Arena.ofConfined()) {
            TensorSpec spec = state.spec();
            executable.assign(spec.name(), HostTensor.zeros(spec.type(), spec.shape(), arena));
          }
        }
        case LOSS_SCALE ->
            executable.assign(state.spec().name(), HostTensor.scalar(StateRole.FIRST_LOSS_SCALE));
        case WEIGHT, ADAPTER, TEACHER, CACHE, TOKEN -> {}
      }
    }
  }

  /**
   * Checks the state that a step changes: a gradient that is not finite, or whose square is not,
   * leaves its mark in a moment even where the loss stays a number.
   *
   * @param step the training step, which the executable runs
   * @throws NotFiniteException if a trained weight or a moment holds NaN or infinity
   */
  public static void requireFinite(GraphFunction step, Executable executable) {
    for (GraphFunction.Output update : step.updates()) {
      String state = update.spec().name();
      try (HostTensor value = executable.read(state)) {
        value
            .notFinite()
            .ifPresent(
                what -> {
                  throw new NotFiniteException(state + " holds " + what);
                });
      }
    }
  }

  /**
   * How gradients become a step.
   *
   * <p>Decay pulls a stored number to 0. The weight of a norm is stored as its distance from 1,
   * since the norm multiplies by {@code 1 + w}: decay pulls its scale to 1 and not to 0.
   *
   * <p>A step that is not taken is not counted: the next one has the same learning rate.
   *
   * @param adamW the rule
   * @param weightDecay decays of kinds of weights that have another than the rule's
   * @param learningRate over steps
   * @param maxGradNorm the global norm gradients are scaled down to; empty for no clipping
   * @param emaDecay the share of a running mean of the weights that a step keeps, in [0, 1); empty
   *     for no mean
   * @param guarded whether {@link #MAX_LOSS} and {@link #MAX_NORM} say at each step what is not
   *     taken; a step that is not finite isn't either
   * @param scalesLoss whether the loss is scaled for float16; a step whose gradients overflow is
   *     then not taken
   */
  public record Optimizer(
      AdamW adamW,
      Map<WeightKind, Double> weightDecay,
      LearningRate learningRate,
      OptionalDouble maxGradNorm,
      OptionalDouble emaDecay,
      boolean guarded,
      boolean scalesLoss) {
    public Optimizer {
      weightDecay = Map.copyOf(weightDecay);
      emaDecay.ifPresent(decay -> AdamW.fraction("ema_decay", decay));
      weightDecay.values().forEach(AdamW::requireDecay);
    }

    /** All tensors decay alike, there is no running mean, and every step is taken. */
    public Optimizer(AdamW adamW, LearningRate learningRate, OptionalDouble maxGradNorm) {
      this(adamW, Map.of(), learningRate, maxGradNorm, OptionalDouble.empty(), false, false);
    }

    /** Whether there are steps that leave all state as it was. */
    public boolean maySkip() {
      return guarded || scalesLoss;
    }

    AdamW adamW(WeightKind kind) {
      return adamW.withWeightDecay(weightDecay.getOrDefault(kind, adamW.weightDecay()));
    }
  }

  /** What an update tells besides what it always does. */
  public enum Report {
    /** Nothing more. */
    PLAIN,
    /** {@link #MOVED} and {@link #LOST}, which cost a pass over all weights. */
    LOST_UPDATES
  }

  /** Traces the step of one batch as function {@code name}. */
  public GraphFunction trace(String name, Optimizer optimizer) {
    return trace(name, optimizer, Report.PLAIN);
  }

  /** Traces the step of one batch as function {@code name}. */
  public GraphFunction trace(String name, Optimizer optimizer, Report report) {
    try (Trace trace = new Trace(name)) {
      Differentiated differentiated =
          differentiate(trace, (loss, mean) -> scaled(trace, optimizer, mean));
      new OptimizerUpdate(optimizer, parameters.trained(), report)
          .trace(trace, differentiated.mean(), differentiated.gradients());
      trace.result(LOSS, differentiated.mean());
      results(trace, differentiated.loss());
      return trace.finish();
    }
  }

  /**
   * Traces what adds a micro-batch's gradients to those of its step. The first of a step begins
   * anew, whatever an earlier one left behind.
   *
   * <p>Takes {@link #MICRO_BATCH} and {@link #STEP_TOKENS} besides the batch, and gives {@link
   * #LOSS_SUM} and {@link #TOKENS} of the micro-batch.
   */
  public GraphFunction traceAccumulate(String name, Optimizer optimizer) {
    try (Trace trace = new Trace(name)) {
      Ops tf = trace.ops();
      Operand<TFloat32> stepTokens = trace.argument(STEP_TOKENS, TFloat32.class, TensorShape.of());
      Operand<TBool> first =
          tf.math.equal(
              trace.argument(MICRO_BATCH, TInt32.class, TensorShape.of()), tf.constant(0));
      Differentiated part = differentiate(trace, optimizer, stepTokens);
      List<Operand<TFloat32>> before = summedGradients(trace);
      List<Operand<TFloat32>> sums = new ArrayList<>();
      for (int i = 0; i < before.size(); i++) {
        Operand<TFloat32> more = part.gradients().get(i);
        sums.add(tf.select(first, more, tf.math.add(before.get(i), more)));
      }
      updateGradients(trace, sums);
      results(trace, part.loss());
      return trace.finish();
    }
  }

  /**
   * Traces what adds the gradients of a step's last micro-batch to those of the ones before, and
   * then those of all workers of a cluster, each of which has its part of the rows: after it, all
   * have the step's gradients, of the same bits. Sums go round, and no means.
   *
   * <p>Takes {@link #STEP_TOKENS} besides the batch, this worker's {@link #LOSS_SUM} and {@link
   * #TOKENS} of the micro-batches before, {@link #MAX_LOSS} and {@link #MAX_NORM}, which worker 0
   * gives and the others give as 0, and {@link #STOPPING}, 1 or 0. Gives the sums of all these over
   * the workers, with those of this micro-batch.
   *
   * @param workers how many there are
   * @param only whether the step has no micro-batch before it
   */
  public GraphFunction traceReduce(String name, Optimizer optimizer, int workers, boolean only) {
    try (Trace trace = new Trace(name)) {
      Ops tf = trace.ops();
      Collectives collectives = new Collectives(workers);
      Operand<TFloat32> stepTokens = trace.argument(STEP_TOKENS, TFloat32.class, TensorShape.of());
      Differentiated part = differentiate(trace, optimizer, stepTokens);
      List<Operand<TFloat32>> sums = part.gradients();
      List<Operand<TFloat32>> before = summedGradients(trace);
      if (!only) {
        sums = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
          sums.add(tf.math.add(before.get(i), part.gradients().get(i)));
        }
      }
      BucketedSum.Reduced reduced =
          new BucketedSum(collectives, BucketedSum.BUCKET_BYTES)
              .of(tf.withSubScope("reduce"), sums, FIRST_GRADIENTS);
      updateGradients(trace, reduced.sums());
      // The first of the clocks may be read late, when the sums took no time at all.
      Operand<TFloat64> took =
          tf.math.sub(timeOf(tf, reduced.sums()), timeOf(tf, reduced.packed()));
      trace.result(
          REDUCE_SECONDS, tf.dtypes.cast(tf.math.maximum(took, tf.constant(0.0)), TFloat32.class));
      List<Operand<TFloat32>> numbers =
          scalars(trace, TFloat32.class, List.of(LOSS_SUM, MAX_LOSS, MAX_NORM));
      numbers.set(0, tf.math.add(numbers.getFirst(), part.loss().sum()));
      List<Operand<TInt32>> counts = scalars(trace, TInt32.class, List.of(TOKENS, STOPPING));
      counts.set(0, tf.math.add(counts.getFirst(), part.loss().tokens()));
      List<Operand<TFloat32>> allNumbers =
          unstacked(tf, collectives.sum(tf, tf.stack(numbers), NUMBERS), numbers.size());
      List<Operand<TInt32>> allCounts =
          unstacked(tf, collectives.sum(tf, tf.stack(counts), COUNTS), counts.size());
      trace.result(LOSS_SUM, allNumbers.get(0));
      trace.result(MAX_LOSS, allNumbers.get(1));
      trace.result(MAX_NORM, allNumbers.get(2));
      trace.result(TOKENS, allCounts.get(0));
      trace.result(STOPPING, allCounts.get(1));
      return trace.finish();
    }
  }

  /** The time at which all of some values are there, in seconds. */
  private static Operand<TFloat64> timeOf(Ops tf, List<Operand<TFloat32>> values) {
    return tf.withControlDependencyOps(
            values.stream().map(value -> value.asOutput().op()).toArray(Operation[]::new))
        .timestamp();
  }

  private static <N extends TNumber> List<Operand<N>> scalars(
      Trace trace, Class<N> type, List<String> names) {
    List<Operand<N>> scalars = new ArrayList<>();
    for (String name : names) scalars.add(trace.argument(name, type, TensorShape.of()));
    return scalars;
  }

  private static <N extends TNumber> List<Operand<N>> unstacked(
      Ops tf, Operand<N> vector, int count) {
    return List.copyOf(tf.unstack(vector, (long) count).output());
  }

  /** The gradients of a micro-batch, as they add up to those of its step. */
  private Differentiated differentiate(
      Trace trace, Optimizer optimizer, Operand<TFloat32> stepTokens) {
    return differentiate(
        trace,
        (loss, mean) -> scaled(trace, optimizer, trace.ops().math.div(loss.sum(), stepTokens)));
  }

  /** The gradients of the micro-batches so far. */
  private List<Operand<TFloat32>> summedGradients(Trace trace) {
    List<Operand<TFloat32>> gradients = new ArrayList<>();
    for (Parameter parameter : parameters.trained()) {
      StateWeight weight = parameter.weight();
      gradients.add(
          trace.state(gradient(weight.name()), StateRole.GRADIENT, TFloat32.class, weight.shape()));
    }
    return gradients;
  }

  private void updateGradients(Trace trace, List<Operand<TFloat32>> sums) {
    for (int i = 0; i < sums.size(); i++) {
      trace.update(gradient(parameters.trained().get(i).name()), sums.get(i));
    }
  }

  /**
   * Traces what ends a step of several micro-batches: from their gradients to the next state. It
   * takes the step's mean loss, {@link #LOSS}, where the optimizer is guarded.
   */
  public GraphFunction traceUpdate(String name, Optimizer optimizer, Report report) {
    try (Trace trace = new Trace(name)) {
      List<Operand<TFloat32>> gradients = summedGradients(trace);
      Operand<TFloat32> loss =
          optimizer.guarded()
              ? trace.argument(LOSS, TFloat32.class, TensorShape.of())
              : trace.ops().constant(0f);
      new OptimizerUpdate(optimizer, parameters.trained(), report).trace(trace, loss, gradients);
      return trace.finish();
    }
  }

  private static Operand<TFloat32> scaled(
      Trace trace, Optimizer optimizer, Operand<TFloat32> loss) {
    return optimizer.scalesLoss() ? LossScale.of(trace).up(trace.ops(), loss) : loss;
  }

  private static void results(Trace trace, LossSum loss) {
    trace.result(LOSS_SUM, loss.sum());
    trace.result(TOKENS, loss.tokens());
  }

  /** Traces the loss alone, as for validation. */
  public GraphFunction traceLoss(String name) {
    try (Trace trace = new Trace(name)) {
      ModelTrace<T> traced = ModelTrace.of(trace, model, parameters);
      LossSum loss = loss(traced, model.forward(traced, tokens(traced)));
      trace.result(LOSS, loss.mean(trace.ops()));
      results(trace, loss);
      return trace.finish();
    }
  }

  /** Traces the mean loss and its gradients, results by the names of the trained state. */
  public GraphFunction traceGradients(String name) {
    try (Trace trace = new Trace(name)) {
      Differentiated differentiated = differentiate(trace, (loss, mean) -> mean);
      trace.result(LOSS, differentiated.mean());
      for (int i = 0; i < differentiated.gradients().size(); i++) {
        trace.result(parameters.trained().get(i).name(), differentiated.gradients().get(i));
      }
      return trace.finish();
    }
  }

  /**
   * @param mean the batch's
   * @param gradients of each trained weight, in float32
   */
  private record Differentiated(
      LossSum loss, Operand<TFloat32> mean, List<Operand<TFloat32>> gradients) {}

  /**
   * @param objective the scalar that gradients are of, made of a loss and its mean
   */
  private Differentiated differentiate(
      Trace trace, BiFunction<LossSum, Operand<TFloat32>, Operand<TFloat32>> objective) {
    ModelTrace<T> traced = ModelTrace.of(trace, model, parameters);
    Differentiable<T> differentiable = model.differentiable(traced, tokens(traced));
    LossSum loss = loss(traced, differentiable.hidden());
    Operand<TFloat32> mean = loss.mean(trace.ops());
    Map<String, Operand<? extends TFloating>> found =
        differentiable.gradients().apply(objective.apply(loss, mean));
    List<Operand<TFloat32>> gradients = new ArrayList<>();
    for (Parameter trained : parameters.trained()) {
      gradients.add(Scalars.toFloat32(trace.ops(), found.get(trained.name())));
    }
    return new Differentiated(loss, mean, gradients);
  }

  private ModelTrace.Tokens tokens(ModelTrace<T> traced) {
    return traced.tokens(batch.batchSize(), batch.sequenceLength(), batch.packing());
  }

  private LossSum loss(ModelTrace<T> traced, Gemma2Model.Hidden<T> hidden) {
    return loss.of(traced.trace(), batch, new Head<>(model, traced, hidden.normed()));
  }
}
