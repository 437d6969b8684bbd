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
   * What comes of it.
   *
   * @param packed the buckets, before anything is added to them
   * @param sums of each gradient, in their order
   */
  record Reduced(List<Operand<TFloat32>> packed, List<Operand<TFloat32>> sums) {}

  /**
   * @param gradients in the order of the model's layers; the last are the first to be there
   * @param firstInstance of as many calls as there are gradients at most
   */
  Reduced of(Ops tf, List<Operand<TFloat32>> gradients, long firstInstance) {
    List<Operand<TFloat32>> packed = new ArrayList<>();
    List<Operand<TFloat32>> sums = new ArrayList<>(gradients);
    List<Integer> bucket = new ArrayList<>();
    long bytes = 0;
    long instance = firstInstance;
    for (int i = gradients.size() - 1; i >= 0; i--) {
      bucket.add(i);
      bytes += elements(gradients.get(i)) * Float.BYTES;
      if (bytes < bucketBytes && i > 0) continue;
      Operand<TFloat32> whole = pack(tf, bucket, gradients);
      packed.add(whole);
      unpack(tf, collectives.sum(tf, whole, instance++), bucket, sums);
      bucket.clear();
      bytes = 0;
    }
    return new Reduced(packed, sums);
  }

  private static Operand<TFloat32> pack(
      Ops tf, List<Integer> bucket, List<Operand<TFloat32>> gradients) {
    List<Operand<TFloat32>> flat = new ArrayList<>();
    for (int i : bucket) flat.add(tf.reshape(gradients.get(i), tf.constant(new int[] {-1})));
    return flat.size() == 1 ? flat.getFirst() : tf.concat(flat, tf.constant(0));
  }

  /**
   * @param sums has the gradients, in whose place and shape the sums are put
   */
  private static void unpack(
      Ops tf, Operand<TFloat32> sum, List<Integer> bucket, List<Operand<TFloat32>> sums) {
    int[] sizes = bucket.stream().mapToInt(i -> Math.toIntExact(elements(sums.get(i)))).toArray();
    List<? extends Operand<TFloat32>> parts =
        sizes.length == 1
            ? List.of(sum)
            : tf.splitV(sum, tf.constant(sizes), tf.constant(0), (long) sizes.length).output();
    for (int part = 0; part < bucket.size(); part++) {
      int i = bucket.get(part);
      sums.set(i, tf.reshape(parts.get(part), tf.constant(sums.get(i).shape().asArray())));
    }
  }

  private static long elements(Operand<TFloat32> gradient) {
    return Tensors.shape(gradient.shape()).elements();
  }
}
