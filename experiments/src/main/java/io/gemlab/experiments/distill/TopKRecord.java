package io.gemlab.experiments.distill;

import io.gemlab.graph.base.text.TokenType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a teacher's file holds of a position, lowest bytes first: the mass of all tokens that are
 * left out, float32; K ids, unsigned; K log-probabilities, float16.
 *
 * <p>A log-probability is rounded by at most 2^-11 of its size, so a probability by that times its
 * logarithm: 0.5 % at e^-10. Reading scales the K so that with the mass left out, which is not
 * rounded, they sum to 1.
 *
 * @param topK K
 * @param ids how an id is kept
 */
record TopKRecord(int topK, TokenType ids) {
  private static final ValueLayout.OfFloat FLOAT32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort BITS16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt BITS32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The most that half-precision can hold; the probability is 0 either way. */
  private static final float LEAST = -65504;

  /** More than rounding can make of probabilities that sum to 1. */
  private static final double TOLERANCE = 0.02;

  /** Of a record. */
  int bytes() {
    return Float.BYTES + topK * (ids.bytes() + Short.BYTES);
  }

  /**
   * Writes a position.
   *
   * @param at where its ids and log-probabilities begin
   */
  void write(ByteBuffer target, int[] id, float[] logP, int at, float rest) {
    target.putFloat(rest);
    for (int k = 0; k < topK; k++) {
      switch (ids) {
        case UINT16 -> target.putShort((short) id[at + k]);
        case UINT32 -> target.putInt(id[at + k]);
      }
    }
    for (int k = 0; k < topK; k++) target.putShort(rounded(logP[at + k]));
  }

  private static short rounded(float logP) {
    return Float.floatToFloat16(Math.max(logP, LEAST));
  }

  /**
   * KL from what the teacher said of a position to what will be read of it, in nats: what rounding
   * alone makes a student that is the teacher pay.
   */
  double rounding(float[] logP, int at, float rest) {
    double kept = 0;
    for (int k = 0; k < topK; k++) kept += Math.exp(read(logP[at + k]));
    double scale = Math.log1p(-rest) - Math.log(kept);
    double divergence = 0;
    for (int k = 0; k < topK; k++) {
      double exact = logP[at + k];
      divergence += Math.exp(exact) * (exact - read(logP[at + k]) - scale);
    }
    return divergence;
  }

  private static double read(float logP) {
    return Float.float16ToFloat(rounded(logP));
  }

  /**
   * Reads a position.
   *
   * @param records where it is, from byte {@code from}
   * @param id receives K ids from {@code at}
   * @param logP receives their log-probabilities, of which the exponentials sum to 1 less the rest
   * @return the rest
   * @throws IllegalArgumentException if that is no distribution over the vocabulary; the message is
   *     part of a sentence
   */
  float read(MemorySegment records, long from, int vocabulary, int[] id, float[] logP, int at) {
    float rest = records.get(FLOAT32, from);
    if (!(rest >= 0 && rest < 1)) throw new IllegalArgumentException("has a rest of " + rest);
    long idsAt = from + Float.BYTES;
    long logsAt = idsAt + (long) topK * ids.bytes();
    double kept = 0;
    for (int k = 0; k < topK; k++) {
      int token =
          switch (ids) {
            case UINT16 -> Short.toUnsignedInt(records.get(BITS16, idsAt + 2L * k));
            case UINT32 -> records.get(BITS32, idsAt + 4L * k);
          };
      if (token < 0 || token >= vocabulary) {
        throw new IllegalArgumentException(
            "names token %d of a vocabulary of %d"
                .formatted(Integer.toUnsignedLong(token), vocabulary));
      }
      id[at + k] = token;
      logP[at + k] = Float.float16ToFloat(records.get(BITS16, logsAt + 2L * k));
      kept += Math.exp(logP[at + k]);
    }
    if (!(Math.abs(kept + rest - 1) < TOLERANCE)) {
      throw new IllegalArgumentException(
          "has probabilities that sum to %s and not to 1".formatted((float) (kept + rest)));
    }
    float scale = (float) (Math.log1p(-rest) - Math.log(kept));
    for (int k = 0; k < topK; k++) logP[at + k] += scale;
    return rest;
  }
}
