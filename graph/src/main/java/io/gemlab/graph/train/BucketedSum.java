package io.gemlab.graph.train;

import io.gemlab.graph.runtime.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The sum of gradients over the workers of a cluster, some MiB at a time: a bucket sets off as soon
 * as its gradients are there, while those of other layers are still computed, and small tensors
 * don't each pay for a call of their own.
 *
 * @param collectives adds them
 * @param bucketBytes how large a bucket is at least, but for the last
 */
record BucketedSum(Collectives collectives, long bucketBytes) {
  /** As PyTorch's DistributedDataParallel fills up, within a factor of some. */
  static final long BUCKET_BYTES = 4 << 20;

  /**
   * @param gradients in the order of the model's layers; the last are the first to be there
   * @param firstInstance of as many calls as there are gradients at most
   * @return in the same order
   */
  List<Operand<TFloat32>> of(Ops tf, List<Operand<TFloat32>> gradients, long firstInstance) {
    List<Operand<TFloat32>> sums = new ArrayList<>(gradients);
    List<Integer> bucket = new ArrayList<>();
    long bytes = 0;
    long instance = firstInstance;
    for (int i = gradients.size() - 1; i >= 0; i--) {
      bucket.add(i);
      bytes += elements(gradients.get(i)) * Float.BYTES;
      if (bytes < bucketBytes && i > 0) continue;
      sum(tf, bucket, gradients, sums, instance++);
      bucket.clear();
      bytes = 0;
    }
    return sums;
  }

  private void sum(
      Ops tf,
      List<Integer> bucket,
      List<Operand<TFloat32>> gradients,
      List<Operand<TFloat32>> sums,
      long instance) {
    List<Operand<TFloat32>> flat = new ArrayList<>();
    for (int i : bucket) flat.add(tf.reshape(gradients.get(i), tf.constant(new int[] {-1})));
    Operand<TFloat32> whole = flat.size() == 1 ? flat.getFirst() : tf.concat(flat, tf.constant(0));
    Operand<TFloat32> sum = collectives.sum(tf, whole, instance);
    int[] sizes =
        bucket.stream().mapToInt(i -> Math.toIntExact(elements(gradients.get(i)))).toArray();
    List<? extends Operand<TFloat32>> parts =
        flat.size() == 1
            ? List.of(sum)
            : tf.splitV(sum, tf.constant(sizes), tf.constant(0), (long) sizes.length).output();
    for (int part = 0; part < bucket.size(); part++) {
      int i = bucket.get(part);
      sums.set(i, tf.reshape(parts.get(part), tf.constant(gradients.get(i).shape().asArray())));
    }
  }

  private static long elements(Operand<TFloat32> gradient) {
    return Tensors.shape(gradient.shape()).elements();
  }
}
