package io.gemlab.ops.gradient;

import io.gemlab.ops.OrderingBarrier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.IdentityN;
import org.tensorflow.types.family.TType;

/**
 * Gives a value a gradient of its own: {@code y} as it was built, its gradient as {@link Backward}
 * says.
 *
 * <p>The value and what it depends on pass through an {@code IdentityN} whose name carries a key;
 * the one gradient registered for that op type (the registry is the process's, in C++) looks the
 * key up. The marker costs nothing: tracing takes it out of the finished graph.
 *
 * <p>The backward pass gets its inputs only after {@code dy}. So what it computes again is not
 * merged with the same computation in the forward pass, whose result would then be kept.
 *
 * <p>A backward function must not ask an operand for its shape or type: it runs while the graph's
 * lock is held, and the question would wait for ever. It captures what it needs beforehand.
 */
public final class CustomGradient {
  /** How a marker's name begins (its last path element): tracing recognises it by this. */
  public static final String MARKER = "own_gradient_";

  /** The gradient of one value with respect to what it depends on. */
  @FunctionalInterface
  public interface Backward {
    /**
     * @param tf where to add the backward ops
     * @param dy gradient of the loss with respect to the value
     * @param inputs what the value depends on, then what was saved for the backward pass, in the
     *     order they were given
     * @return the gradient of each differentiable input, in order; as many as were given
     */
    List<Operand<?>> apply(Ops tf, Operand<?> dy, List<Operand<?>> inputs);
  }

  /**
   * @param differentiable what gradients flow to
   * @param saved what the backward pass needs besides; no gradient flows to it
   */
  public record Inputs(List<Operand<?>> differentiable, List<Operand<?>> saved) {
    public Inputs {
      differentiable = List.copyOf(differentiable);
      saved = List.copyOf(saved);
    }
  }

  private record Registered(Backward backward, int differentiable, List<Shape> inputs) {}

  private static final Map<String, Registered> REGISTRY = new ConcurrentHashMap<>();
  private static final AtomicLong NEXT = new AtomicLong();

  static {
    // Now, and not first in a backward function: what is registered in there dies at its end.
    OrderingBarrier.ensureDifferentiable();
    TensorFlow.registerCustomGradient("IdentityN", CustomGradient::dispatch);
  }

  private CustomGradient() {}

  /**
   * Marks {@code y} as having the gradient {@code backward}.
   *
   * <p>What {@code backward} throws, {@code gradients} throws.
   *
   * @param y any shape and type
   * @param inputs of known rank
   * @return {@code y}, through the marker
   * @throws IllegalArgumentException if an input's rank is unknown
   */
  public static <T extends TType> Operand<T> attach(
      Ops tf, Operand<T> y, Inputs inputs, Backward backward) {
    List<Shape> shapes =
        Stream.concat(inputs.differentiable().stream(), inputs.saved().stream())
            .map(Operand::shape)
            .toList();
    for (int i = 0; i < shapes.size(); i++) {
      if (!shapes.get(i).isUnknown()) continue;
      throw new IllegalArgumentException(
          "a gradient of its own needs inputs of known rank; give input " + i + " a shape");
    }
    String key = MARKER + NEXT.incrementAndGet();
    REGISTRY.put(key, new Registered(backward, inputs.differentiable().size(), shapes));
    List<Operand<?>> passed = new ArrayList<>();
    // The value's own ops and what was saved are no way for a gradient to take.
    passed.add(tf.stopGradient(y));
    passed.addAll(inputs.differentiable());
    for (Operand<?> saved : inputs.saved()) passed.add(tf.stopGradient(saved));
    IdentityN marker = tf.withName(key).identityN(passed);
    return marker.output().getFirst().asOutput().expect(y.type());
  }

  /**
   * Forgets the gradients of a graph whose gradients have all been taken. A key that was not
   * attached is ignored.
   *
   * @param markerName the marker's full name in the graph
   */
  public static void release(String markerName) {
    REGISTRY.remove(key(markerName));
  }

  /** Whether an op of this type and name is one of our markers. */
  public static boolean isMarker(String opType, String opName) {
    return opType.equals("IdentityN") && key(opName).startsWith(MARKER);
  }

  private static List<Operand<?>> dispatch(Ops tf, GraphOperation op, List<Output<?>> dys) {
    if (!isMarker(op.type(), op.name())) return List.copyOf(dys); // somebody else's IdentityN
    Registered registered = REGISTRY.get(key(op.name()));
    if (registered == null) {
      throw new IllegalStateException(
          op.name() + " was released; take a graph's gradients before its trace is finished");
    }
    Ops here = tf.withSubScope(key(op.name()));
    List<Operand<?>> inputs = new ArrayList<>();
    for (int i = 1; i < op.numInputs(); i++) {
      Shape shape = registered.inputs().get(i - 1);
      inputs.add(OrderingBarrier.after(here, op.input(i), shape, dys.getFirst()));
    }
    List<Operand<?>> gradients = registered.backward().apply(here, dys.getFirst(), inputs);
    if (gradients.size() != registered.differentiable()) {
      throw new IllegalStateException(
          op.name()
              + " has "
              + registered.differentiable()
              + " inputs to differentiate and "
              + gradients.size()
              + " gradients");
    }
    List<Operand<?>> all = new ArrayList<>();
    all.add(tf.zerosLike(op.input(0))); // ends at its StopGradient, as those of the saved values do
    all.addAll(gradients);
    for (int i = all.size(); i < op.numInputs(); i++) all.add(tf.zerosLike(op.input(i)));
    return all;
  }

  private static String key(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }
}
