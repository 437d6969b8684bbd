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
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.gemma2.Parameter;
import io.gemlab.graph.gemma2.Parameters;
import io.gemlab.graph.gemma2.StateWeight;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Scalars;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The training step: {@code (weights, moments, step; tokens, positions, labels) -> (the same,
 * updated; loss)}.
 *
 * <p>Trained weights are stored in float32 and cast to the model's type where they are used;
 * gradients and moments are float32. Frozen weights are stored in any type; they take no gradient
 * and no moments, and layers below the lowest trained weight run forward only.
 *
 * @param model what is trained
 * @param parameters how its weights are stored, and which are trained
 * @param batch its size
 * @param loss what it minimises
 */
public record TrainStep<T extends TFloating>(
    Gemma2Model<T> model, Parameters parameters, TrainingLoss.BatchShape batch, TrainingLoss loss) {

  /**
   * @throws InvalidInput if nothing is trained, or a trained weight is not stored in float32
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
      if (trained.storageType() != ElementType.F32) {
        throw new InvalidInput(
            "%s is stored in %s; store trained weights in float32"
                .formatted(trained.name(), trained.storageType().label()));
      }
    }
  }

  /** A step that trains the whole model. */
  public TrainStep(Gemma2Model<T> model, TrainingLoss.BatchShape batch, TrainingLoss loss) {
    this(model, Parameters.trained(model), batch, loss);
  }

  /** The loss before the step, a result of every function here. */
  public static final String LOSS = "loss";

  /** The gradients' global norm before clipping, a result where gradients are clipped. */
  public static final String GRADIENT_NORM = "grad_norm";

  /** The step's learning rate, a result of the training step. */
  public static final String LEARNING_RATE = "learning_rate";

  /** Steps done, a float32 scalar of the state. */
  public static final String STEP = "optimizer/step";

  private static final String EXP_AVG = "optimizer/exp_avg/";
  private static final String EXP_AVG_SQ = "optimizer/exp_avg_sq/";

  /** The state that holds a weight's first moment. */
  public static String expAvg(String weight) {
    return EXP_AVG + weight;
  }

  /** The state that holds a weight's second moment. */
  public static String expAvgSq(String weight) {
    return EXP_AVG_SQ + weight;
  }

  /**
   * The weight that a moment belongs to.
   *
   * @throws IllegalArgumentException if the state is no moment
   */
  public static String weightOf(String moment) {
    for (String prefix : List.of(EXP_AVG, EXP_AVG_SQ)) {
      if (moment.startsWith(prefix)) return moment.substring(prefix.length());
    }
    throw new IllegalArgumentException(moment + " is no moment");
  }

  /**
   * Assigns a fresh optimizer's state: no steps done, moments of zero.
   *
   * @param step the training step, which the executable runs
   */
  public static void resetOptimizer(GraphFunction step, Executable executable) {
    for (GraphFunction.Input state : step.state()) {
      switch (state.role().orElseThrow()) {
        case MOMENT, STEP -> {
          try (Arena arena = Arena.ofConfined()) {
            TensorSpec spec = state.spec();
            executable.assign(spec.name(), HostTensor.zeros(spec.type(), spec.shape(), arena));
          }
        }
        case WEIGHT, ADAPTER, CACHE -> {}
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
   * @param adamW the rule
   * @param learningRate over steps
   * @param maxGradNorm the global norm gradients are scaled down to; empty for no clipping
   */
  public record Optimizer(AdamW adamW, LearningRate learningRate, OptionalDouble maxGradNorm) {}

  /** Traces the step as function {@code name}. */
  public GraphFunction trace(String name, Optimizer optimizer) {
    try (Trace trace = new Trace(name)) {
      Differentiated differentiated = differentiate(trace);
      Ops tf = trace.ops().withSubScope("optimizer");
      Operand<TFloat32> step = trace.state(STEP, StateRole.STEP, TFloat32.class, TensorShape.of());
      Operand<TFloat32> rate = optimizer.learningRate().at(tf, step);
      AdamW adamW = optimizer.adamW();
      AdamW.Step<TFloat32> shared = adamW.step(tf, rate, step);
      List<Operand<TFloat32>> gradients = differentiated.gradients();
      if (optimizer.maxGradNorm().isPresent()) {
        Operand<TFloat32> norm = globalNorm(tf, gradients);
        trace.result(GRADIENT_NORM, norm);
        gradients = clip(tf, gradients, norm, optimizer.maxGradNorm().getAsDouble());
      }
      for (int i = 0; i < gradients.size(); i++) {
        StateWeight weight = differentiated.weights().get(i);
        AdamW.Slot<TFloat32> before =
            new AdamW.Slot<>(
                trace.state(weight.name(), StateRole.WEIGHT, TFloat32.class, weight.shape()),
                trace.state(
                    expAvg(weight.name()), StateRole.MOMENT, TFloat32.class, weight.shape()),
                trace.state(
                    expAvgSq(weight.name()), StateRole.MOMENT, TFloat32.class, weight.shape()));
        AdamW.Slot<TFloat32> after =
            adamW.update(tf.withSubScope(weight.name()), shared, before, gradients.get(i));
        trace.update(weight.name(), after.weight());
        trace.update(expAvg(weight.name()), after.expAvg());
        trace.update(expAvgSq(weight.name()), after.expAvgSq());
      }
      trace.update(STEP, tf.math.add(step, tf.constant(1f)));
      trace.result(LOSS, differentiated.loss());
      trace.result(LEARNING_RATE, rate);
      return trace.finish();
    }
  }

  /** Traces the loss alone, as for validation. */
  public GraphFunction traceLoss(String name) {
    try (Trace trace = new Trace(name)) {
      ModelTrace<T> traced = ModelTrace.of(trace, model, parameters);
      trace.result(LOSS, loss(traced, model.forward(traced, tokens(traced))));
      return trace.finish();
    }
  }

  /** Traces the loss and the gradient of each trained weight, results by the names of the state. */
  public GraphFunction traceGradients(String name) {
    try (Trace trace = new Trace(name)) {
      Differentiated differentiated = differentiate(trace);
      trace.result(LOSS, differentiated.loss());
      for (int i = 0; i < differentiated.weights().size(); i++) {
        trace.result(differentiated.weights().get(i).name(), differentiated.gradients().get(i));
      }
      return trace.finish();
    }
  }

  private record Differentiated(
      Operand<TFloat32> loss, List<StateWeight> weights, List<Operand<TFloat32>> gradients) {}

  private Differentiated differentiate(Trace trace) {
    ModelTrace<T> traced = ModelTrace.of(trace, model, parameters);
    Differentiable<T> differentiable = model.differentiable(traced, tokens(traced));
    Operand<TFloat32> loss = loss(traced, differentiable.hidden());
    Map<String, Operand<? extends TFloating>> found = differentiable.gradients().apply(loss);
    List<Operand<TFloat32>> gradients = new ArrayList<>();
    List<StateWeight> weights = parameters.trained().stream().map(Parameter::weight).toList();
    for (StateWeight weight : weights) {
      gradients.add(found.get(weight.name()).asOutput().expect(TFloat32.class));
    }
    return new Differentiated(loss, weights, gradients);
  }

  private ModelTrace.Tokens tokens(ModelTrace<T> traced) {
    return traced.tokens(batch.batchSize(), batch.sequenceLength(), batch.packing());
  }

  private Operand<TFloat32> loss(ModelTrace<T> traced, Gemma2Model.Hidden<T> hidden) {
    Trace trace = traced.trace();
    Operand<T> raw_MV = model.rawLogits(trace.ops(), traced.weights(), hidden.normed());
    return loss.of(trace, model, batch, raw_MV);
  }

  private static Operand<TFloat32> globalNorm(Ops tf, List<Operand<TFloat32>> gradients) {
    List<Operand<TFloat32>> squares = new ArrayList<>();
    for (Operand<TFloat32> gradient : gradients) {
      Operand<TFloat32> flat = tf.reshape(gradient, tf.constant(new int[] {-1}));
      squares.add(tf.sum(tf.math.square(flat), tf.constant(0)));
    }
    return tf.math.sqrt(tf.math.addN(squares));
  }

  /** As {@code torch.nn.utils.clip_grad_norm_}: by max / (norm + 1e-6), never up. */
  private static List<Operand<TFloat32>> clip(
      Ops tf, List<Operand<TFloat32>> gradients, Operand<TFloat32> norm, double max) {
    Operand<TFloat32> scale =
        tf.math.minimum(
            tf.math.div(Scalars.of(tf, TFloat32.class, max), tf.math.add(norm, tf.constant(1e-6f))),
            tf.constant(1f));
    return gradients.stream()
        .<Operand<TFloat32>>map(gradient -> tf.math.mul(gradient, scale))
        .toList();
  }
}
