package io.gemlab.experiments.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.ops.Precision;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The probes tell what they are made to tell, and grossly. */
class ProbeTest {
  @ParameterizedTest
  @CsvSource({
    "ATTENTION_SOFTCAP, ATTENTION_SOFTCAP_DROPPED",
    "FINAL_SOFTCAP, FINAL_SOFTCAP_DROPPED",
    "WINDOW, WINDOW_IGNORED",
    "WINDOW, LAYERS_SWAPPED",
    "WINDOW, ONLY_CAUSALITY_KEPT",
    "WINDOW, MASK_LOST",
    "QUERY_SCALE, QUERY_SCALE_FROM_HEAD_DIM",
    "PADDING, PADDING_ATTENDED"
  })
  void aMistakeIsFarFromRight(Probe probe, Behaviour mistake) {
    Expectation expectation = Expectation.of(probe);
    assertTrue(expectation.cosine(Behaviour.CONFORMS, mistake) < 0.9);
    Judgement judgement = expectation.judge(expectation.logits(mistake), Behaviour.CONFORMS);
    assertFalse(judgement.conforms());
    assertEquals(Optional.of(mistake), judgement.seen());
  }

  @ParameterizedTest
  @EnumSource
  void whatIsRightPassesEverywhere(Probe probe) {
    Expectation expectation = Expectation.of(probe);
    Judgement judgement =
        expectation.judge(expectation.logits(Behaviour.CONFORMS), Behaviour.CONFORMS);
    for (Precision precision : Precision.values()) assertTrue(judgement.passes(precision));
  }

  @Test
  void roundingPassesInBfloat16AndNotInFloat32() {
    Expectation expectation = Expectation.of(Probe.WINDOW);
    float[] rounded = expectation.logits(Behaviour.CONFORMS).values().clone();
    for (int i = 0; i < rounded.length; i++) rounded[i] *= i % 2 == 0 ? 1.01f : 0.99f;
    Judgement judgement = expectation.judge(new Logits(rounded), Behaviour.CONFORMS);
    assertTrue(judgement.passes(Precision.BFLOAT16));
    assertFalse(judgement.passes(Precision.FLOAT32));
  }

  @Test
  void numbersThatAreNoneAreLikeNothing() {
    Expectation expectation = Expectation.of(Probe.WINDOW);
    float[] broken = expectation.logits(Behaviour.CONFORMS).values().clone();
    broken[7] = Float.NaN;
    Judgement judgement = expectation.judge(new Logits(broken), Behaviour.CONFORMS);
    assertEquals(Optional.empty(), judgement.seen());
    assertFalse(judgement.conforms());
  }

  /** Two magnitudes in a matrix, and norms that a byte holds. */
  @ParameterizedTest
  @EnumSource
  void everyFormatHoldsTheWeights(Probe probe) {
    for (WeightSpec spec : WeightSpec.of(probe.config())) {
      for (float value : probe.weights().values(spec)) {
        if (spec.isNorm()) assertTrue(value == (int) value && value < 128);
        else assertEquals(0.125f, Math.abs(value));
      }
    }
  }
}
