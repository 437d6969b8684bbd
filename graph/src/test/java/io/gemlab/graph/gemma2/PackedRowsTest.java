package io.gemlab.graph.gemma2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Depth.Layers;
import io.gemlab.graph.gemma2.Depth.Remat;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.session.ClusteredPath;
import io.gemlab.graph.path.session.FusedPath;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.ops.Padding;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.attention.SdpaAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Documents that share a row don't know of each other: in sliding layers, whose window of 8 is
 * shorter than some of them, and in global ones.
 */
public class PackedRowsTest {
  /** Whose weights: a model without caps, for sdpa, whose layers' types differ in what rotates. */
  public static final String CHECKPOINT = "ckpt_gemma3";

  private static final int[] LENGTHS = {12, 9, 3};
  private static final int LENGTH = 27;
  private static final Depth SCANNED = new Depth(Layers.SCANNED, Remat.LAYER);
  private static final Depth REMAT = new Depth(Layers.UNROLLED, Remat.LAYER);
  private static final Attention EAGER = new EagerAttention();
  private static final Attention SDPA = new SdpaAttention();
  private static final Attention BLOCKS = new BlockwiseAttention(OptionalInt.of(5));

  /** Logits and mean loss of each document alone. */
  private static final Map<Integer, float[]> LOGITS = new HashMap<>();

  private static final Map<Integer, Float> LOSSES = new HashMap<>();

  @BeforeAll
  public static void eachDocumentAlone() {
    Gemma2Model<TFloat32> model = model(EAGER, Depth.PLAIN);
    List<GraphFunction> functions = new ArrayList<>();
    for (int length : LENGTHS) {
      functions.add(
          new ForwardPass<>(model, 1, length)
              .trace("logits" + length, ForwardPass.Returns.LOGITS_ONLY));
      functions.add(training(model, new BatchShape(1, length)).traceLoss("loss" + length));
    }
    try (Executable executable = new EagerPath().load(functions)) {
      Golden.loadWeights(CHECKPOINT, model, executable);
      int start = 0;
      for (int length : LENGTHS) {
        int[] ids = Arrays.copyOfRange(packed(1).inputIds()[0], start, start + length);
        LabelledBatch alone = LabelledBatch.withinRows(TokenBatch.of(new int[][] {ids}));
        LOGITS.put(
            length,
            result(executable, "logits" + length, alone.tokens().arguments(), ForwardPass.LOGITS));
        LOSSES.put(
            length, result(executable, "loss" + length, alone.arguments(), TrainStep.LOSS)[0]);
        start += length;
      }
    }
  }

  static Stream<Arguments> forwards() {
    return Stream.of(EAGER, SDPA, BLOCKS)
        .flatMap(attention -> Golden.PATHS.stream().map(path -> Arguments.of(attention, path)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("forwards")
  void logitsAreThoseOfEachDocumentAlone(Attention attention, ExecutionPath path) {
    Gemma2Model<TFloat32> model = model(attention, Depth.PLAIN);
    try (Executable executable =
        path.load(
            List.of(
                new ForwardPass<>(model, 1, LENGTH, Packing.DOCUMENTS)
                    .trace("packed", ForwardPass.Returns.LOGITS_ONLY)))) {
      Golden.loadWeights(CHECKPOINT, model, executable);
      float[] logits = result(executable, "packed", packed(1).arguments(), ForwardPass.LOGITS);
      int vocabulary = model.config().vocabSize();
      int start = 0;
      for (int length : LENGTHS) {
        assertArrayEquals(
            LOGITS.get(length),
            Arrays.copyOfRange(logits, start * vocabulary, (start + length) * vocabulary),
            2e-4f);
        start += length;
      }
    }
  }

  static Stream<Arguments> gradients() {
    return Stream.of(
        Arguments.of(SDPA, new EagerPath(), Depth.PLAIN),
        Arguments.of(EAGER, new GraphPath(), Depth.PLAIN),
        Arguments.of(BLOCKS, new FusedPath(), Depth.PLAIN),
        Arguments.of(BLOCKS, new GraphPath(), SCANNED),
        Arguments.of(EAGER, new ClusteredPath(), SCANNED),
        Arguments.of(BLOCKS, new GraphPath(), REMAT));
  }

  /**
   * The loss is the mean over the documents' tokens; and with labels in the second document alone,
   * gradients are the same to the bit whatever the other documents say.
   */
  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource
  void gradients(Attention attention, ExecutionPath path, Depth depth) {
    gradientsOfRows(attention, path, depth, 1);
  }

  /**
   * The same of several copies of the row, as for a mesh that cuts the batch.
   *
   * @param rows how many
   */
  public void gradientsOfRows(Attention attention, ExecutionPath path, Depth depth, int rows) {
    Gemma2Model<TFloat32> model = model(attention, depth);
    try (Executable executable =
        path.load(
            List.of(
                training(model, new BatchShape(rows, LENGTH, Packing.DOCUMENTS))
                    .traceGradients("gradients")))) {
      Golden.loadWeights(CHECKPOINT, model, executable);
      LabelledBatch all = LabelledBatch.withinRows(copies(rows, packed(1)));
      double sum = 0;
      for (int length : LENGTHS) sum += (double) LOSSES.get(length) * (length - 1);
      int scored = Arrays.stream(LENGTHS).sum() - LENGTHS.length;
      assertEquals(rows * scored, all.scored());
      assertEquals(
          sum / scored, result(executable, "gradients", all.arguments(), TrainStep.LOSS)[0], 1e-5);
      Map<String, float[]> first = gradients(executable, second(copies(rows, packed(1))));
      Map<String, float[]> other = gradients(executable, second(copies(rows, packed(2))));
      assertTrue(Differences.size(first.get(WeightSpec.EMBEDDING)) > 1e-3);
      first.forEach(
          (name, gradient) ->
              assertEquals(0, Differences.largest(other.get(name), gradient), name));
    }
  }

  /** The gradient of one document's loss with respect to the embeddings of the others. */
  @Test
  void noGradientCrosses() {
    for (Attention attention : List.of(EAGER, SDPA, BLOCKS)) {
      Gemma2Model<TFloat32> model = model(attention, Depth.PLAIN);
      try (Executable executable = new GraphPath().load(List.of(embeddingGradients(model)))) {
        Golden.loadWeights(CHECKPOINT, model, executable);
        LabelledBatch batch = second(packed(1));
        float[] gradient = result(executable, "embedded", batch.arguments(), "gradient");
        int width = model.config().hiddenSize();
        for (int t = 0; t < LENGTH; t++) {
          float[] token = Arrays.copyOfRange(gradient, t * width, (t + 1) * width);
          boolean own = t >= LENGTHS[0] && t < LENGTHS[0] + LENGTHS[1] - 1;
          assertEquals(own, Differences.size(token) > 0, attention + " at " + t);
        }
      }
    }
  }

  /** A program that doesn't keep documents apart takes no packed rows, and the other way round. */
  @Test
  void programsTakeTheRowsTheyAreMadeFor() {
    Gemma2Model<TFloat32> model = model(EAGER, Depth.PLAIN);
    try (Executable executable =
        new GraphPath()
            .load(
                List.of(
                    new ForwardPass<>(model, 1, LENGTH)
                        .trace("plain", ForwardPass.Returns.LOGITS_ONLY),
                    new ForwardPass<>(model, 1, LENGTH, Packing.DOCUMENTS)
                        .trace("packed", ForwardPass.Returns.LOGITS_ONLY)))) {
      Golden.loadWeights(CHECKPOINT, model, executable);
      TokenBatch packed = packed(1);
      TokenBatch plain = TokenBatch.of(packed.inputIds());
      assertThrows(
          IllegalArgumentException.class, () -> executable.run("plain", packed.arguments()));
      assertThrows(
          IllegalArgumentException.class, () -> executable.run("packed", plain.arguments()));
    }
  }

  private static GraphFunction embeddingGradients(Gemma2Model<TFloat32> model) {
    try (Trace trace = new Trace("embedded")) {
      trace.takesGradients();
      ModelTrace<TFloat32> traced = ModelTrace.of(trace, model);
      Gemma2Model.Hidden<TFloat32> hidden =
          model.forward(traced, traced.tokens(1, LENGTH, Packing.DOCUMENTS));
      Ops tf = trace.ops();
      Operand<TFloat32> loss =
          new NextTokenLoss()
              .of(
                  trace,
                  new BatchShape(1, LENGTH, Packing.DOCUMENTS),
                  new Head<>(model, traced, hidden.normed()))
              .mean(tf);
      trace.result("gradient", tf.gradients(loss, List.of(hidden.embedded())).iterator().next());
      return trace.finish();
    }
  }

  private static Gemma2Model<TFloat32> model(Attention attention, Depth depth) {
    return new Gemma2Model<>(
        Golden.config(CHECKPOINT), OpChoice.of(attention), TFloat32.class, depth);
  }

  private static TrainStep<TFloat32> training(Gemma2Model<TFloat32> model, BatchShape batch) {
    return new TrainStep<>(model, batch, new NextTokenLoss());
  }

  private static TokenBatch copies(int rows, TokenBatch packed) {
    return new TokenBatch(
        Collections.nCopies(rows, packed.inputIds()[0]).toArray(int[][]::new),
        Collections.nCopies(rows, packed.documents()[0]).toArray(int[][]::new),
        Packing.DOCUMENTS);
  }

  /** The documents and padding; of another seed all documents but the second are others. */
  private static TokenBatch packed(int seed) {
    int[] ids = TokenBatch.random(seed, 1, LENGTH, 100).inputIds()[0];
    int[] same = TokenBatch.random(3, 1, LENGTH, 100).inputIds()[0];
    System.arraycopy(same, 0, ids, LENGTHS[0], LENGTHS[1]);
    int[] documents = new int[LENGTH];
    int start = 0;
    for (int d = 0; d < LENGTHS.length; d++) {
      Arrays.fill(documents, start, start + LENGTHS[d], d + 1);
      start += LENGTHS[d];
    }
    return new TokenBatch(new int[][] {ids}, new int[][] {documents}, Packing.DOCUMENTS);
  }

  /** The labels of the second document. */
  private static LabelledBatch second(TokenBatch packed) {
    int[][] labels = LabelledBatch.withinRows(packed).labels();
    for (int[] row : labels) {
      for (int t = 0; t < LENGTH; t++) {
        if (packed.documents()[0][t] != 2) row[t] = Padding.LABEL;
      }
    }
    return new LabelledBatch(packed, labels);
  }

  private static float[] result(
      Executable executable, String function, Map<String, HostTensor> arguments, String result) {
    try (Results results = executable.run(function, arguments)) {
      return results.get(result).floats();
    }
  }

  private static Map<String, float[]> gradients(Executable executable, LabelledBatch batch) {
    Map<String, float[]> gradients = new HashMap<>();
    try (Results results = executable.run("gradients", batch.arguments())) {
      results.tensors().forEach((name, tensor) -> gradients.put(name, tensor.floats()));
    }
    return gradients;
  }
}
