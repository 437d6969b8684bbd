package io.gemlab.experiments.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.EagerAttention;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The probes tell what they are made to tell, and grossly. */
class ProbeTest {
  private static final Map<Probe, Expectation> EXPECTATIONS =
      Stream.of(Probe.values()).collect(Collectors.toMap(probe -> probe, Expectation::of));

  @ParameterizedTest
  @CsvSource({
    "ATTENTION_SOFTCAP, ATTENTION_SOFTCAP_DROPPED",
    "FINAL_SOFTCAP, FINAL_SOFTCAP_DROPPED",
    "WINDOW, WINDOW_IGNORED",
    "WINDOW, LAYERS_SWAPPED",
    "WINDOW, ONLY_CAUSALITY_KEPT",
    "WINDOW, MASK_LOST",
    "QUERY_SCALE, QUERY_SCALE_FROM_HEAD_DIM",
    "PADDING, PADDING_ATTENDED",
    "ROTARY_BASES, QK_NORM_DROPPED",
    "ROTARY_BASES, ONE_ROTARY_BASE",
    "ROTARY_BASES, ROTARY_BASES_SWAPPED"
  })
  void aMistakeIsFarFromRight(Probe probe, Behaviour mistake) {
    Expectation expectation = EXPECTATIONS.get(probe);
    assertTrue(expectation.cosine(Behaviour.CONFORMS, mistake) < 0.9);
    Judgement judgement = expectation.judge(expectation.logits(mistake), Behaviour.CONFORMS);
    assertFalse(judgement.conforms());
    assertEquals(Optional.of(mistake), judgement.seen());
  }

  @ParameterizedTest
  @EnumSource
  void whatIsRightPassesEverywhere(Probe probe) {
    Expectation expectation = EXPECTATIONS.get(probe);
    Judgement judgement =
        expectation.judge(expectation.logits(Behaviour.CONFORMS), Behaviour.CONFORMS);
    for (Precision precision : Precision.values()) assertTrue(judgement.passes(in(precision)));
  }

  @Test
  void roundingPassesInBfloat16AndNotInFloat32() {
    Expectation expectation = EXPECTATIONS.get(Probe.WINDOW);
    float[] rounded = expectation.logits(Behaviour.CONFORMS).values().clone();
    for (int i = 0; i < rounded.length; i++) rounded[i] *= i % 2 == 0 ? 1.01f : 0.99f;
    Judgement judgement = expectation.judge(new Logits(rounded), Behaviour.CONFORMS);
    assertTrue(judgement.passes(in(Precision.BFLOAT16)));
    assertFalse(judgement.passes(in(Precision.FLOAT32)));
  }

  @Test
  void numbersThatAreNoneAreLikeNothing() {
    Expectation expectation = EXPECTATIONS.get(Probe.WINDOW);
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
        else assertTrue(value == -8 / 64f || value == 7 / 64f);
      }
    }
  }

  private static Configuration in(Precision precision) {
    return new Configuration(new EagerPath(), new EagerAttention(), precision);
  }
}
