package io.gemlab.experiments.bench.jmh;

import io.gemlab.graph.base.checkpoint.FloatConversion;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.family.TFloating;

/**
 * An op as a function without arguments: its inputs are state.
 *
 * @param op the op
 * @param pass forward, or its gradient
 * @param precision the type computed in
 * @param sizes of its inputs
 */
record OpProgram(BenchmarkedOp op, Pass pass, Precision precision, OpSizes sizes) {
  /** What the traced function is called. */
  static final String FUNCTION = "op";

  /** Begins the names of the gradients that reach the op's outputs. */
  private static final String UPSTREAM = "upstream.";

  private static final long SEED = 1;

  /** A prime, so that rows of an input differ. */
  private static final int VALUES = 4093;

  private static final float[] NORMAL = normal();

  /** What of an op is timed. */
  public enum Pass {
    /** From inputs to outputs. */
    FORWARD,
    /** From inputs and the outputs' gradients to the inputs' gradients. */
    GRADIENT;

    /** The name in a report. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  GraphFunction trace() {
    return trace(precision.type());
  }

  private <T extends TFloating> GraphFunction trace(Class<T> type) {
    try (Trace trace = new Trace(FUNCTION)) {
      OpInputs<T> inputs = new OpInputs<>(trace, type, sizes);
      List<Operand<? extends TFloating>> outputs = op.build(inputs);
      switch (pass) {
        case FORWARD -> results(trace, outputs);
        case GRADIENT -> {
          List<Operand<?>> upstream = new ArrayList<>();
          for (Operand<? extends TFloating> output : outputs) {
            upstream.add(
                trace.state(
                    UPSTREAM + upstream.size(),
                    StateRole.WEIGHT,
                    output.type(),
                    Tensors.shape(output.shape())));
          }
          results(
              trace,
              Gradients.create(
                  trace.ops().scope(), outputs, inputs.differentiable(), Gradients.dx(upstream)));
        }
      }
      return trace.finish();
    }
  }

  private static void results(Trace trace, Iterable<? extends Operand<?>> operands) {
    int count = 0;
    for (Operand<?> operand : operands) {
      trace.result("result." + count++, operand.asOutput().expect(operand.type()));
    }
  }

  /** Gives the inputs their values: small normal numbers, positions and labels in order. */
  void assign(GraphFunction function, Executable executable) {
    for (GraphFunction.Input input : function.state()) {
      try (Arena arena = Arena.ofConfined()) {
        executable.assign(input.spec().name(), filled(input.spec(), arena));
      }
    }
  }

  private HostTensor filled(TensorSpec spec, Arena arena) {
    if (spec.type() == ElementType.I32) {
      HostTensor ids = HostTensor.zeros(ElementType.I32, spec.shape(), arena);
      int below =
          spec.name().equals(OpInputs.POSITIONS) ? sizes.length() : sizes.config().vocabSize();
      for (long i = 0; i < spec.shape().elements(); i++) {
        ids.data().setAtIndex(ValueLayout.JAVA_INT, i, (int) (i % below));
      }
      return ids;
    }
    HostTensor wide = HostTensor.zeros(ElementType.F32, spec.shape(), arena);
    for (long i = 0; i < spec.shape().elements(); i++) {
      wide.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, NORMAL[(int) (i % NORMAL.length)]);
    }
    if (spec.type() == ElementType.F32) return wide;
    HostTensor narrow = HostTensor.zeros(spec.type(), spec.shape(), arena);
    FloatConversion.fromFloat32(spec.type(), wide.data(), narrow.data());
    return narrow;
  }

  private static float[] normal() {
    Random random = new Random(SEED);
    float[] values = new float[VALUES];
    for (int i = 0; i < VALUES; i++) values[i] = (float) random.nextGaussian();
    return values;
  }
}
