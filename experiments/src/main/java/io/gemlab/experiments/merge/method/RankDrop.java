package io.gemlab.experiments.merge.method;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Keeps elements at random, the more likely the larger they are within their row: from density -
 * epsilon for the smallest magnitude to density + epsilon for the largest, by rank.
 */
final class RankDrop implements Sparsifier {
  private static final String EPSILON = "epsilon";

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.ofModel(EPSILON, 0.15, 0, 0.5, "how far from density the probabilities go"));
  }

  @Override
  public Kept decide(TaskVector vector, ParameterValues values, Arithmetic arithmetic) {
    double density = values.ofModel(TaskVectors.DENSITY, vector.input());
    double epsilon = values.ofModel(EPSILON, vector.input());
    if (density >= 1) return Kept.ALL;
    if (density <= 0) return Kept.NONE;
    Masks.Mask mask = arithmetic.masks().of(vector.inputs().name(), vector.input());
    return new Rows(vector, (float) (density - epsilon), (float) epsilon, mask);
  }

  /** Probabilities must be between 0 and 1 for each model that loses any. */
  @Override
  public Optional<String> problem(ParameterValues values) {
    List<Double> densities = values.ofModels().get(TaskVectors.DENSITY);
    for (int input = 0; input < densities.size(); input++) {
      double density = densities.get(input);
      double epsilon = values.ofModel(EPSILON, input);
      if (density > 0 && density < 1 && (density - epsilon <= 0 || density + epsilon >= 1)) {
        return Optional.of(
            "density %s and epsilon %s give probabilities outside 0 to 1; give a smaller epsilon"
                .formatted(density, epsilon));
      }
    }
    return Optional.empty();
  }

  private static final class Rows implements Kept {
    private final TaskVector vector;
    private final float least;
    private final float epsilon;
    private final Masks.Mask mask;
    private final long[] keys_D;
    private final float[] row_D;
    private final float[] probability_D;

    Rows(TaskVector vector, float least, float epsilon, Masks.Mask mask) {
      this.vector = vector;
      this.least = least;
      this.epsilon = epsilon;
      this.mask = mask;
      int length = Math.toIntExact(vector.inputs().rowLength());
      this.keys_D = new long[length];
      this.row_D = new float[length];
      this.probability_D = new float[length];
    }

    @Override
    public void apply(long first, int count, float[] vector_N) {
      int length = row_D.length;
      for (int from = 0; from < count; ) {
        long rowStart = (first + from) / length * length;
        int to = (int) Math.min(count, rowStart + length - first);
        rank(rowStart, first, count, vector_N);
        for (int i = from; i < to; i++) {
          float probability = probability_D[(int) (first + i - rowStart)];
          vector_N[i] = Sparsifier.kept(vector_N[i], mask.keeps(first + i, probability));
        }
        from = to;
      }
    }

    private void rank(long rowStart, long first, int count, float[] vector_N) {
      int length = row_D.length;
      boolean isWhole = rowStart >= first && rowStart + length <= first + count;
      if (isWhole) System.arraycopy(vector_N, (int) (rowStart - first), row_D, 0, length);
      else readRow(rowStart);
      for (int i = 0; i < length; i++) {
        long bits = Float.floatToRawIntBits(Math.abs(row_D[i]));
        keys_D[i] = (bits << Integer.SIZE) + i;
      }
      Arrays.sort(keys_D);
      float ranks = Math.max(1, length - 1);
      for (int rank = 0; rank < length; rank++) {
        probability_D[(int) keys_D[rank]] = least + rank / ranks * 2 * epsilon;
      }
    }

    private void readRow(long rowStart) {
      float[] piece = new float[Math.min(row_D.length, TensorInputs.PIECE)];
      for (int at = 0; at < row_D.length; at += piece.length) {
        int count = Math.min(piece.length, row_D.length - at);
        vector.read(rowStart + at, count, piece);
        System.arraycopy(piece, 0, row_D, at, count);
      }
    }
  }
}
