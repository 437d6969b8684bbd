package io.gemlab.tpu.mesh;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.tpu.mesh.Mesh.Axis;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The devices of a mesh in float64, in step, each with nothing but the pieces a plan gives it: they
 * gather weights over fsdp and sum over model.
 *
 * @param weights the whole weights, by name
 * @param rows B
 * @param length T
 */
record EmulatedDevices(
    Gemma2Config config, ShardingPlan plan, Map<String, double[][]> weights, int rows, int length) {

  /** A layer over every device's rows of {@code x}, [B * T, D]; sums wait for all devices. */
  double[][][] layer(double[][] x) {
    double[][][] inputs = each(device -> ofRows(x, device));
    double[][][] attended = summed(inputs, Float64Layer::attention);
    return summed(attended, Float64Layer::mlp);
  }

  /** A half of the layer on every device: once for its share of the sum, once with the sum. */
  private double[][][] summed(double[][][] inputs, Half half) {
    double[][][] shares =
        each(
            device -> {
              double[][][] share = new double[1][][];
              half.run(part(device), inputs[device], given -> share[0] = given);
              return share[0];
            });
    return each(
        device ->
            half.run(
                part(device),
                inputs[device],
                given ->
                    group(device, Axis.MODEL)
                        .mapToObj(peer -> shares[peer])
                        .reduce(Float64Layer::plus)
                        .orElseThrow()));
  }

  @FunctionalInterface
  private interface Half {
    double[][] run(Float64Layer layer, double[][] x, UnaryOperator<double[][]> sum);
  }

  /** Each position's loss: the vocabulary is in pieces; a maximum and two sums go over model. */
  double[][] losses(double[][][] outputs, int[] labels) {
    double[][][] logits =
        each(
            device ->
                Float64Layer.timesTransposed(
                    outputs[device], gathered(WeightSpec.EMBEDDING, device)));
    return IntStream.range(0, outputs.length)
        .mapToObj(
            device ->
                IntStream.range(0, outputs[device].length)
                    .mapToDouble(
                        i -> loss(logits, device, i, labels[firstRow(device) * length + i]))
                    .toArray())
        .toArray(double[][]::new);
  }

  private double loss(double[][][] logits, int device, int i, int label) {
    int[] peers = group(device, Axis.MODEL).toArray();
    double max =
        IntStream.of(peers)
            .mapToDouble(peer -> DoubleStream.of(logits[peer][i]).max().orElseThrow())
            .max()
            .orElseThrow();
    double all = 0;
    double hit = 0;
    for (int peer : peers) {
      int first = plan.mesh().coordinate(peer, Axis.MODEL) * logits[peer][i].length;
      for (int v = 0; v < logits[peer][i].length; v++) {
        all += Math.exp(logits[peer][i][v] - max);
        if (first + v == label) hit += logits[peer][i][v];
      }
    }
    return max + Math.log(all) - hit;
  }

  /** The first of a device's rows. */
  int firstRow(int device) {
    TensorSharding sharding = sharding(Optional.empty(), TokenBatch.INPUT_IDS, rows, length);
    return sharding.piece(plan.mesh(), 0, device) * (rows / sharding.pieces(plan.mesh(), 0));
  }

  private double[][] ofRows(double[][] x, int device) {
    TensorSharding sharding = sharding(Optional.empty(), TokenBatch.INPUT_IDS, rows, length);
    int count = rows / sharding.pieces(plan.mesh(), 0) * length;
    int first = firstRow(device) * length;
    return Arrays.copyOfRange(x, first, first + count);
  }

  private Float64Layer part(int device) {
    int model = plan.mesh().model();
    return new Float64Layer(
        name -> gathered(name, device),
        config.numAttentionHeads() / model,
        config.numKeyValueHeads() / model,
        config.headDim(),
        length);
  }

  /** A weight's pieces of the fsdp group, put together; what is cut over model stays cut. */
  private double[][] gathered(String name, int device) {
    double[][] whole = weights.get(name);
    if (whole.length == 1) return whole; // norms are on every device
    TensorSharding sharding =
        sharding(Optional.of(StateRole.WEIGHT), name, whole.length, whole[0].length);
    BiFunction<double[][], double[][], double[][]> join =
        sharding.dimensions().getFirst().contains(Axis.FSDP)
            ? EmulatedDevices::below
            : EmulatedDevices::beside;
    return group(device, Axis.FSDP)
        .mapToObj(peer -> piece(sharding, whole, peer))
        .reduce(join::apply)
        .orElseThrow();
  }

  private double[][] piece(TensorSharding sharding, double[][] whole, int device) {
    int height = whole.length / sharding.pieces(plan.mesh(), 0);
    int width = whole[0].length / sharding.pieces(plan.mesh(), 1);
    int top = sharding.piece(plan.mesh(), 0, device) * height;
    int left = sharding.piece(plan.mesh(), 1, device) * width;
    return Stream.of(whole)
        .skip(top)
        .limit(height)
        .map(row -> Arrays.copyOfRange(row, left, left + width))
        .toArray(double[][]::new);
  }

  /** The devices that differ from one on one axis only, in its order. */
  private IntStream group(int device, Axis along) {
    Mesh mesh = plan.mesh();
    List<Axis> others = Stream.of(Axis.values()).filter(axis -> axis != along).toList();
    return IntStream.range(0, mesh.devices())
        .filter(
            peer ->
                others.stream()
                    .allMatch(
                        axis -> mesh.coordinate(peer, axis) == mesh.coordinate(device, axis)));
  }

  private double[][][] each(IntFunction<double[][]> work) {
    return IntStream.range(0, plan.mesh().devices()).mapToObj(work).toArray(double[][][]::new);
  }

  private TensorSharding sharding(Optional<StateRole> role, String name, long... shape) {
    TensorSpec tensor = new TensorSpec(name, ElementType.F64, TensorShape.of(shape));
    return plan.of(new GraphFunction.Input(tensor, name, role));
  }

  private static double[][] below(double[][] a, double[][] b) {
    return Stream.concat(Stream.of(a), Stream.of(b)).toArray(double[][]::new);
  }

  private static double[][] beside(double[][] a, double[][] b) {
    return IntStream.range(0, a.length)
        .mapToObj(i -> DoubleStream.concat(DoubleStream.of(a[i]), DoubleStream.of(b[i])).toArray())
        .toArray(double[][]::new);
  }
}
