package io.gemlab.graph.base.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BigramEntropyTest {
  private static PackedSequences sequences(int[] training, int[] validation) {
    return new PackedSequences(run(training), run(validation), 7, 7);
  }

  private static TokenSequences run(int[] tokens) {
    return TokenSequences.of(new TokenDocuments(TokenIds.of(tokens), 0, tokens.length), 1);
  }

  @Test
  void byHand() {
    // Training: 0->1 twice, 1->0 once. Validation: 0->1, 1->1. Three tokens, smoothing 0.5.
    PackedSequences sequences = sequences(new int[] {0, 1, 0, 1}, new int[] {0, 1, 1});
    BigramEntropy entropy = BigramEntropy.of(sequences, 3, 0.5);
    double expected = -(Math.log(2.5 / 3.5) + Math.log(0.5 / 2.5)) / 2;
    assertEquals(expected, entropy.validation(), 1e-12);
    // All: 0->1 three times, 1->0 once, 1->1 once.
    assertEquals(2 * Math.log(2) / 5, entropy.corpus(), 1e-12);
  }

  @Test
  void againstPlainCounting() {
    Random random = new Random(12);
    int vocabulary = 7;
    int[] training = random.ints(500, 0, vocabulary).toArray();
    int[] validation = random.ints(100, 0, vocabulary).toArray();
    Map<String, Integer> pairs = new HashMap<>();
    Map<Integer, Integer> firsts = new HashMap<>();
    for (int i = 1; i < training.length; i++) {
      pairs.merge(training[i - 1] + " " + training[i], 1, Integer::sum);
      firsts.merge(training[i - 1], 1, Integer::sum);
    }
    double sum = 0;
    for (int i = 1; i < validation.length; i++) {
      int pair = pairs.getOrDefault(validation[i - 1] + " " + validation[i], 0);
      int first = firsts.getOrDefault(validation[i - 1], 0);
      sum -= Math.log((pair + 0.1) / (first + 0.1 * vocabulary));
    }
    BigramEntropy entropy = BigramEntropy.of(sequences(training, validation), vocabulary, 0.1);
    assertEquals(sum / (validation.length - 1), entropy.validation(), 1e-12);
  }

  @Test
  void independentTokensHaveTheEntropyOfOne() {
    int[] tokens = new Random(13).ints(400_000, 0, 8).toArray();
    BigramEntropy entropy = BigramEntropy.of(sequences(tokens, tokens), 8, 1e-3);
    assertEquals(Math.log(8), entropy.corpus(), 1e-3);
    assertEquals(Math.log(8), entropy.validation(), 1e-3);
  }

  /** The bar of the default ablation, in nats a byte. */
  @Test
  void ofShakespeareInBytes() {
    Tokenizer bytes = new ByteTokenizer();
    PackedSequences packed = PackedSequences.of(Corpus.builtIn(), bytes, 256, 0.1);
    BigramEntropy entropy = BigramEntropy.of(packed, bytes.vocabularySize(), 0.01);
    assertEquals(2.45, entropy.corpus(), 0.01);
    assertTrue(entropy.validation() > entropy.corpus() && entropy.validation() < 2.6);
  }

  @Test
  void smoothingIsNeeded() {
    PackedSequences sequences = sequences(new int[] {0, 1}, new int[] {1, 0});
    for (double smoothing : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> BigramEntropy.of(sequences, 2, smoothing));
    }
  }
}
