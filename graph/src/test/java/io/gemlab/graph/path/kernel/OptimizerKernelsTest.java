package io.gemlab.graph.path.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.SmallTraining;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.NodeInput;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Bfloat16;
import io.gemlab.ops.Kernel;
import io.gemlab.ops.attention.EagerAttention;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/** The kernels of an optimizer's step. */
class OptimizerKernelsTest {
  private static final String NAME = "update";
  private static final String APPLIED = "applied";

  /** Fewer elements than a vector has, and more than one piece, with some left over. */
  private static final int[] SIZES = {3, 40_003};

  private static final float[] NUMBERS = {
    1e-2f, 0.1f, 0.05f, 0.7f, 0.9f, 0.1f, 0.95f, 0.05f, 1e-8f
  };

  private static final float[] DECAY = {0, 0.3f};

  /** Marks whose values, as traced, are others than the kernels', so that it tells who computed. */
  private static GraphFunction traced() {
    return traced(false);
  }

  /**
   * @param narrow whether gradients are bfloat16 before they are cast to float32
   */
  private static GraphFunction traced(boolean narrow) {
    try (Trace trace = new Trace(NAME)) {
      Ops tf = trace.ops();
      List<Operand<TFloat32>> before = new ArrayList<>();
      List<Operand<TFloat32>> after = new ArrayList<>();
      for (String part : List.of("weight", "exp_avg", "exp_avg_sq")) {
        for (int size : SIZES) {
          Operand<TFloat32> state =
              trace.state(part + size, StateRole.MOMENT, TFloat32.class, TensorShape.of(size));
          before.add(state);
          after.add(tf.math.neg(state));
          trace.update(part + size, after.getLast());
        }
      }
      List<Operand<TFloat32>> gradients = new ArrayList<>();
      for (int size : SIZES) {
        Operand<TFloat32> gradient =
            trace.argument("gradient" + size, TFloat32.class, TensorShape.of(size));
        gradients.add(
            narrow
                ? tf.dtypes.cast(tf.dtypes.cast(gradient, TBfloat16.class), TFloat32.class)
                : gradient);
      }
      List<Operand<?>> operands = new ArrayList<>(before);
      operands.addAll(gradients);
      operands.add(tf.constant(NUMBERS));
      operands.add(tf.constant(DECAY));
      operands.add(
          tf.math.notEqual(
              trace.argument(APPLIED, TFloat32.class, TensorShape.of()), tf.constant(0f)));
      Kernel.ADAMW.mark(tf, after, operands);
      Operand<TFloat32> squares = tf.constant(new float[] {-1, -1});
      Operand<TBool> finite = tf.math.notEqual(squares, squares);
      Operand<TFloat32> summed = tf.math.neg(squares);
      Kernel.SQUARES.mark(tf, List.of(summed, finite), gradients);
      trace.result("squares", tf.identity(summed));
      trace.result("finite", tf.dtypes.cast(finite, TFloat32.class));
      trace.result("sum", tf.sum(before.get(1), tf.constant(0)));
      return trace.finish();
    }
  }

  private static float[] random(int seed, int size) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) values[i] = (float) random.nextDouble(-1, 1);
    return values;
  }

  private static Map<String, HostTensor> arguments(boolean applied) {
    Map<String, HostTensor> arguments = new HashMap<>();
    for (int size : SIZES) arguments.put("gradient" + size, HostTensor.of(random(7, size), size));
    arguments.put(APPLIED, HostTensor.scalar(applied ? 1 : 0));
    return arguments;
  }

  private static Executable loaded() {
    return loaded(traced());
  }

  private static Executable loaded(GraphFunction function) {
    Executable executable = new GraphPath().load(List.of(function));
    int seed = 0;
    for (GraphFunction.Input state : traced().state()) {
      int size = (int) state.spec().shape().elements();
      float[] values = random(seed++, size);
      boolean square = state.spec().name().startsWith("exp_avg_sq");
      if (square) for (int i = 0; i < size; i++) values[i] *= values[i];
      executable.assign(state.spec().name(), HostTensor.of(values, size));
    }
    return executable;
  }

  private static float[] read(Executable executable, String state) {
    try (HostTensor value = executable.read(state)) {
      return value.floats().clone();
    }
  }

  /** Against the formula in float64, to a few roundings of float32. */
  @Test
  void aStepIsTheFormulas() {
    try (Executable executable = loaded()) {
      for (int t = 0; t < SIZES.length; t++) {
        int size = SIZES[t];
        float[] weight = read(executable, "weight" + size);
        float[] expAvg = read(executable, "exp_avg" + size);
        float[] expAvgSq = read(executable, "exp_avg_sq" + size);
        float[] gradient = random(7, size);
        executable.run(NAME, arguments(true)).close();
        float[] stepped = read(executable, "weight" + size);
        float[] first = read(executable, "exp_avg" + size);
        float[] second = read(executable, "exp_avg_sq" + size);
        for (int i = 0; i < size; i++) {
          double g = gradient[i] * (double) NUMBERS[3];
          double m = 0.9 * expAvg[i] + 0.1 * g;
          double v = 0.95 * expAvgSq[i] + 0.05 * g * g;
          double direction = m / NUMBERS[1] / (Math.sqrt(v / NUMBERS[2]) + 1e-8);
          double w = weight[i] - 1e-2 * (direction + DECAY[t] * weight[i]);
          assertEquals(m, first[i], 1e-6);
          assertEquals(v, second[i], 1e-6);
          assertEquals(w, stepped[i], 1e-6);
        }
      }
    }
  }

  @Test
  void aStepThatIsNotTakenLeavesEveryBit() {
    try (Executable executable = loaded()) {
      Map<String, float[]> before = new LinkedHashMap<>();
      for (GraphFunction.Input state : traced().state()) {
        before.put(state.spec().name(), read(executable, state.spec().name()));
      }
      executable.run(NAME, arguments(false)).close();
      before.forEach((state, value) -> assertArrayEquals(value, read(executable, state), state));
    }
  }

  @Test
  void gradientsAreSummedAndJudgedOneByOne() {
    for (float planted : new float[] {0, 1e30f, Float.NaN, Float.NEGATIVE_INFINITY}) {
      Map<String, HostTensor> arguments = arguments(true);
      float[] gradient = random(7, SIZES[1]);
      if (planted != 0) gradient[SIZES[1] - 1] = planted;
      arguments.put("gradient" + SIZES[1], HostTensor.of(gradient, SIZES[1]));
      double sum = 0;
      for (float x : gradient) sum += (double) x * x;
      try (Executable executable = loaded();
          Results results = executable.run(NAME, arguments)) {
        float[] finite = {1, Float.isFinite(planted) ? 1 : 0};
        assertArrayEquals(finite, results.get("finite").floats());
        assertEquals((float) sum, results.get("squares").floats()[1], 1e-2f);
      }
    }
  }

  /** A gradient that a product leaves in bfloat16 is read as it is, whatever it holds. */
  @ParameterizedTest
  @ValueSource(floats = {0, Float.NaN, Float.POSITIVE_INFINITY})
  void aGradientInBfloat16IsReadWithoutACastAndGivesTheSameBits(float planted) {
    GraphFunction narrow = traced(true);
    List<NodeDef> nodes =
        Kernels.putInto(narrow, Kernels::support, Packing.INTEGERS)
            .function()
            .graph()
            .getNodeList();
    assertTrue(nodes.stream().noneMatch(OptimizerKernelsTest::widens));
    Map<String, HostTensor> arguments = arguments(true);
    for (int size : SIZES) {
      float[] gradient = random(7, size);
      for (int i = 0; i < size; i++) gradient[i] = Bfloat16.round(gradient[i]);
      if (planted != 0) gradient[size - 1] = planted;
      arguments.put("gradient" + size, HostTensor.of(gradient, size));
    }
    Map<String, float[]> want = stepped(traced(), arguments);
    Map<String, float[]> got = stepped(narrow, arguments);
    want.forEach((name, values) -> assertArrayEquals(values, got.get(name), name));
  }

  private static boolean widens(NodeDef node) {
    return node.getOp().equals("Cast")
        && node.getAttrOrThrow("SrcT").getType() == DataType.DT_BFLOAT16;
  }

  /** A step's results, and the state after it. */
  private static Map<String, float[]> stepped(
      GraphFunction function, Map<String, HostTensor> arguments) {
    Map<String, float[]> values = new LinkedHashMap<>();
    try (Executable executable = loaded(function);
        Results results = executable.run(NAME, arguments)) {
      for (String result : List.of("squares", "finite")) {
        values.put(result, results.get(result).floats().clone());
      }
      for (GraphFunction.Input state : function.state()) {
        values.put(state.spec().name(), read(executable, state.spec().name()));
      }
    }
    return values;
  }

  /** What else reads the state has read it before. */
  @Test
  void theStateIsWrittenWhenAllElseIsDone() {
    GraphFunction put = Kernels.putInto(traced(), Kernels::support, new Packing(false)).function();
    NodeDef writer =
        put.graph().getNodeList().stream()
            .filter(node -> Kernels.writesState(node.getOp()))
            .findFirst()
            .orElseThrow();
    assertEquals(
        put.results().stream().map(GraphFunction.Output::node).collect(Collectors.toSet()),
        NodeInput.of(writer).stream()
            .filter(NodeInput::control)
            .map(NodeInput::node)
            .collect(Collectors.toSet()));
    try (Executable executable = loaded()) {
      float[] weights = read(executable, "weight" + SIZES[1]);
      double sum = 0;
      for (float x : weights) sum += x;
      try (Results results = executable.run(NAME, arguments(true))) {
        assertEquals(sum, results.get("sum").item(), 1e-2);
      }
    }
  }

  /**
   * By lengths as vectors, as a share of what is wanted: AdamW moves an element whose gradient is
   * nearly none as far as any other, so that single ones depend on how sums are rounded.
   */
  private static double difference(float[] want, float[] got) {
    assertEquals(want.length, got.length);
    double squares = 0;
    double all = 0;
    for (int i = 0; i < want.length; i++) {
      squares += Math.pow(want[i] - got[i], 2);
      all += Math.pow(want[i], 2);
    }
    return squares == 0 ? 0 : Math.sqrt(squares / all);
  }

  /** The same step by TensorFlow's ops and by the kernels, from one state to the next. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTrainingStepHasThemOnSessionPaths(boolean clustered) {
    GraphFunction step = SmallTraining.step(new EagerAttention());
    List<Kernel> kernels =
        step.kernelPlaces().stream().map(GraphFunction.KernelPlace::kernel).toList();
    assertEquals(
        List.of(Kernel.SQUARES, Kernel.ADAMW), kernels.subList(kernels.size() - 2, kernels.size()));
    GraphFunction plain =
        new GraphFunction(
            step.name(),
            step.graph(),
            step.state(),
            step.arguments(),
            step.results(),
            step.updates(),
            step.loops(),
            List.of());
    List<Map<String, float[]>> states = new ArrayList<>();
    for (GraphFunction function : List.of(plain, step)) {
      try (Executable executable =
          (clustered ? new ClusteredPath() : new GraphPath()).load(List.of(function))) {
        SmallTraining.initialize(function, executable);
        for (int i = 0; i < 3; i++) {
          executable.run(SmallTraining.STEP, SmallTraining.arguments(i)).close();
        }
        Map<String, float[]> state = new LinkedHashMap<>();
        function
            .updates()
            .forEach(
                update -> state.put(update.spec().name(), read(executable, update.spec().name())));
        states.add(state);
        assertEquals(
            function == step ? "30 of 30" : "-",
            executable.report(SmallTraining.STEP).kernels().counted());
      }
    }
    states
        .get(0)
        .forEach(
            (name, want) -> assertEquals(0, difference(want, states.get(1).get(name)), 5e-4, name));
    assertTrue(Stream.of(states.get(1).get("optimizer/step")).allMatch(done -> done[0] == 3));
  }
}
