package io.gemlab.graph.train;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.Parameter;
import io.gemlab.graph.gemma2.StateWeight;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Kernel;
import io.gemlab.ops.Scalars;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * The second half of a training step: from the gradients of all of its tokens to the next state.
 *
 * @param optimizer how
 * @param trained the weights that gradients are of
 * @param report what is told of it
 */
record OptimizerUpdate(
    TrainStep.Optimizer optimizer, List<Parameter> trained, TrainStep.Report report) {

  /** What all tensors share. */
  private record Shared(
      Ops tf,
      Operand<TFloat32> stepsDone,
      AdamW.Step<TFloat32> adamW,
      Optional<Operand<TFloat32>> clipping,
      Optional<Operand<TBool>> applied) {

    /** The next value of a state, which stays where the step is not applied. */
    <S extends TType> Operand<S> next(Operand<S> before, Operand<S> after) {
      return applied.isPresent() ? tf.select(applied.get(), after, before) : after;
    }
  }

  /** A tensor's state before and after the step. */
  private record Moved(AdamW.Slot<TFloat32> before, AdamW.Slot<TFloat32> after) {}

  /** Counts of numbers, by the name of the result that has one for each trained tensor. */
  private static final class Counts {
    private final Map<String, List<Operand<TInt32>>> counts = new LinkedHashMap<>();

    void add(Ops tf, String result, Operand<TBool> flags) {
      Operand<TBool> flat = tf.reshape(flags, tf.constant(new int[] {-1}));
      counts
          .computeIfAbsent(result, _ -> new ArrayList<>())
          .add(tf.sum(Gradients.asInts(tf, flat), tf.constant(0)));
    }

    void results(Ops tf, Trace trace) {
      counts.forEach((result, ofTensors) -> trace.result(result, tf.stack(ofTensors)));
    }
  }

  /**
   * Traces it.
   *
   * @param loss the step's mean loss
   * @param found a gradient for each trained weight, multiplied by the loss scale where there is
   *     one
   */
  void trace(Trace trace, Operand<TFloat32> loss, List<Operand<TFloat32>> found) {
    Ops tf = trace.ops().withSubScope("optimizer");
    Operand<TFloat32> step =
        trace.state(TrainStep.STEP, StateRole.STEP, TFloat32.class, TensorShape.of());
    Operand<TFloat32> rate = optimizer.learningRate().at(tf, step);
    AdamW.Step<TFloat32> shared = optimizer.adamW().step(tf, rate, step);
    Optional<LossScale> scale =
        optimizer.scalesLoss() ? Optional.of(LossScale.of(trace)) : Optional.empty();
    List<Operand<TFloat32>> gradients = scale.map(factor -> factor.down(tf, found)).orElse(found);
    Gradients together = Gradients.of(tf, gradients);
    Optional<Operand<TFloat32>> clipping =
        optimizer.maxGradNorm().isPresent()
            ? Optional.of(together.clipping(tf, optimizer.maxGradNorm().getAsDouble()))
            : Optional.empty();
    Optional<Operand<TBool>> applied = applied(tf, trace, loss, together);
    Shared all = new Shared(tf, step, shared, clipping, applied);
    Counts counts = new Counts();
    List<Moved> moved = new ArrayList<>();
    for (int i = 0; i < trained.size(); i++) {
      moved.add(update(trace, all, trained.get(i), gradients.get(i), counts));
    }
    if (isPlain()) mark(all, gradients, moved);
    trace.update(TrainStep.STEP, all.next(step, tf.math.add(step, tf.constant(1f))));
    trace.result(TrainStep.GRADIENT_NORM, together.norm());
    trace.result(TrainStep.LEARNING_RATE, rate);
    trace.result(TrainStep.FINITE, Gradients.asInts(tf, together.finite()));
    applied.ifPresent(is -> trace.result(TrainStep.APPLIED, Gradients.asInts(tf, is)));
    scale.ifPresent(
        factor -> {
          trace.result(TrainStep.LOSS_SCALE, factor.scale());
          factor.update(tf, trace, tf.reduceAll(together.finite(), tf.constant(0)));
        });
    counts.results(tf, trace);
  }

  /** Whether the step is taken; empty where it always is. */
  private Optional<Operand<TBool>> applied(
      Ops tf, Trace trace, Operand<TFloat32> loss, Gradients together) {
    if (!optimizer.maySkip()) return Optional.empty();
    Operand<TBool> all = tf.reduceAll(together.finite(), tf.constant(0));
    if (!optimizer.guarded()) return Optional.of(all);
    Operand<TFloat32> maxLoss =
        trace.argument(TrainStep.MAX_LOSS, TFloat32.class, TensorShape.of());
    Operand<TFloat32> maxNorm =
        trace.argument(TrainStep.MAX_NORM, TFloat32.class, TensorShape.of());
    Operand<TBool> within =
        tf.math.logicalAnd(below(tf, loss, maxLoss), below(tf, together.norm(), maxNorm));
    return Optional.of(tf.math.logicalAnd(all, within));
  }

  /** Whether a number is finite and not above a limit, which may be infinite. */
  private static Operand<TBool> below(Ops tf, Operand<TFloat32> x, Operand<TFloat32> limit) {
    return tf.math.logicalAnd(tf.math.isFinite(x), tf.math.lessEqual(x, limit));
  }

  /**
   * Whether the next state is all that is made of the state: nothing is told of the update, nothing
   * is rounded, and there is no mean.
   */
  private boolean isPlain() {
    return report == TrainStep.Report.PLAIN
        && optimizer.emaDecay().isEmpty()
        && trained.stream().allMatch(one -> one.storageType() == ElementType.F32);
  }

  /** Marks the step of all tensors as one that a kernel may compute. */
  private void mark(Shared shared, List<Operand<TFloat32>> gradients, List<Moved> moved) {
    Ops tf = shared.tf();
    AdamW adamW = optimizer.adamW();
    List<Operand<?>> operands = new ArrayList<>(states(moved, Moved::before));
    operands.addAll(gradients);
    operands.add(
        tf.stack(
            List.of(
                shared.adamW().learningRate(),
                shared.adamW().correction1(),
                shared.adamW().correction2(),
                shared.clipping().orElse(tf.constant(1f)),
                tf.constant((float) adamW.beta1()),
                tf.constant((float) (1 - adamW.beta1())),
                tf.constant((float) adamW.beta2()),
                tf.constant((float) (1 - adamW.beta2())),
                tf.constant((float) adamW.epsilon()))));
    float[] decays = new float[trained.size()];
    for (int i = 0; i < decays.length; i++) {
      decays[i] = (float) optimizer.adamW(trained.get(i).weight().first().kind()).weightDecay();
    }
    operands.add(tf.constant(decays));
    operands.add(shared.applied().orElse(tf.constant(true)));
    Kernel.ADAMW.mark(tf, states(moved, Moved::after), operands);
  }

  /** The weights, then the first moments, then the second. */
  private static List<Operand<TFloat32>> states(
      List<Moved> moved, Function<Moved, AdamW.Slot<TFloat32>> when) {
    List<AdamW.Slot<TFloat32>> slots = moved.stream().map(when).toList();
    return Stream.of(
            slots.stream().map(AdamW.Slot::weight),
            slots.stream().map(AdamW.Slot::expAvg),
            slots.stream().map(AdamW.Slot::expAvgSq))
        .flatMap(of -> of)
        .toList();
  }

  private Moved update(
      Trace trace, Shared shared, Parameter parameter, Operand<TFloat32> found, Counts counts) {
    Ops tf = shared.tf();
    StateWeight weight = parameter.weight();
    String name = weight.name();
    Class<? extends TFloating> stored =
        Tensors.type(parameter.storageType()).asSubclass(TFloating.class);
    Operand<? extends TFloating> kept = trace.state(name, parameter.role(), stored, weight.shape());
    AdamW.Slot<TFloat32> before =
        new AdamW.Slot<>(
            Scalars.toFloat32(tf, kept),
            trace.state(TrainStep.expAvg(name), StateRole.MOMENT, TFloat32.class, weight.shape()),
            trace.state(
                TrainStep.expAvgSq(name), StateRole.MOMENT, TFloat32.class, weight.shape()));
    Operand<TFloat32> gradient =
        shared.clipping().<Operand<TFloat32>>map(by -> tf.math.mul(found, by)).orElse(found);
    AdamW.Slot<TFloat32> moved =
        optimizer
            .adamW(weight.first().kind())
            .update(tf.withSubScope(name), shared.adamW(), before, gradient);
    Operand<TFloat32> after = shared.next(before.weight(), moved.weight());
    if (report == TrainStep.Report.LOST_UPDATES) lost(tf, before.weight(), after, counts);
    if (parameter.storageType() == ElementType.BF16) {
      after = Bfloat16Rounding.apply(tf, after);
      counts.add(tf, TrainStep.UNCHANGED, tf.math.equal(after, before.weight()));
    }
    AdamW.Slot<TFloat32> next =
        new AdamW.Slot<>(
            after,
            shared.next(before.expAvg(), moved.expAvg()),
            shared.next(before.expAvgSq(), moved.expAvgSq()));
    trace.update(name, Scalars.cast(tf, next.weight(), stored));
    trace.update(TrainStep.expAvg(name), next.expAvg());
    trace.update(TrainStep.expAvgSq(name), next.expAvgSq());
    if (optimizer.emaDecay().isPresent()) {
      average(trace, shared, weight, before.weight(), after);
    }
    return new Moved(before, next);
  }

  /** The mean begins with the weights before the first step. */
  private void average(
      Trace trace,
      Shared shared,
      StateWeight weight,
      Operand<TFloat32> before,
      Operand<TFloat32> after) {
    Ops tf = shared.tf();
    String name = TrainStep.ema(weight.name());
    Operand<TFloat32> mean = trace.state(name, StateRole.EMA, TFloat32.class, weight.shape());
    Operand<TFloat32> last =
        tf.select(tf.math.equal(shared.stepsDone(), tf.constant(0f)), before, mean);
    Operand<TFloat32> share = tf.constant((float) (1 - optimizer.emaDecay().getAsDouble()));
    Operand<TFloat32> next = tf.math.add(last, tf.math.mul(tf.math.sub(after, last), share));
    trace.update(name, shared.next(mean, next));
  }

  /**
   * Which numbers would not move if they were kept in bfloat16, though they should: those that,
   * rounded and then moved, are rounded back.
   */
  private static void lost(
      Ops tf, Operand<TFloat32> before, Operand<TFloat32> after, Counts counts) {
    Operand<TFloat32> from = Bfloat16Rounding.apply(tf, before);
    Operand<TFloat32> by = tf.math.sub(after, before);
    Operand<TBool> moves = tf.math.notEqual(by, tf.constant(0f));
    Operand<TBool> stays = tf.math.equal(Bfloat16Rounding.apply(tf, tf.math.add(from, by)), from);
    counts.add(tf, TrainStep.MOVED, moves);
    counts.add(tf, TrainStep.LOST, tf.math.logicalAnd(stays, moves));
  }
}
