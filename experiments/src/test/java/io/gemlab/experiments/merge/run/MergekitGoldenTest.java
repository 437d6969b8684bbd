package io.gemlab.experiments.merge.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.merge.method.Arithmetic;
import io.gemlab.experiments.merge.method.DropRescale;
import io.gemlab.experiments.merge.method.Masks;
import io.gemlab.experiments.merge.method.Rounding;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What mergekit 0.1.5 makes of the same recipes and models. */
class MergekitGoldenTest {
  private static final double TOLERANCE = 1e-6;

  /** Made by {@code experiments/peers/make_merge_golden.py}. */
  private static final String SMALL = "../merge-small/";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "linear",
        "linear_unnormalized",
        "task_arithmetic",
        "task_arithmetic_lambda",
        "ties",
        "ties_unnormalized"
      })
  void elementWiseMethodsAreEqualToTheBit(String name) {
    assertNear(name, Merges.FLOAT32, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"slerp", "slerp_base"})
  void whatHasNormsIsNear(String name) {
    assertNear(name, Merges.FLOAT32, TOLERANCE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dare_linear", "dare_linear_norescale", "dare_ties"})
  void droppingIsTheSameWithTheSameMasks(String name) {
    Arithmetic arithmetic =
        Merges.with(Merges.masks(Merges.golden(name + "_masks.safetensors"), "ft1", "ft2"));
    assertNear(name, arithmetic, TOLERANCE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nuslerp",
        "nuslerp_base",
        "nuslerp_rows",
        "nuslerp_columns",
        "multislerp",
        "multislerp_base",
        "karcher",
        "karcher_one_step",
        "model_stock",
        "model_stock_filter_wise",
        "sce",
        "sce_select",
        "slerp_beyond",
        "ties_rescaled"
      })
  void otherMethodsAreNear(String name) {
    assertNear(SMALL + name, Merges.FLOAT32, TOLERANCE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "breadcrumbs",
        "breadcrumbs_ties",
        "linear_with_base",
        "linear_slices",
        "passthrough_slices"
      })
  void otherElementWiseMethodsAreEqualToTheBit(String name) {
    assertNear(SMALL + name, Merges.FLOAT32, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"della", "della_linear"})
  void droppingByRankIsTheSameWithTheSameMasks(String name) {
    Path masks = Merges.golden(SMALL + name + "_masks.safetensors");
    assertNear(SMALL + name, Merges.with(Merges.masks(masks, "ft1", "ft2", "ft3")), TOLERANCE);
  }

  /** Where mergekit computes in float32 itself, ours is the same without rounding like it. */
  @ParameterizedTest
  @ValueSource(strings = {"linear_bf16", "slerp_bf16"})
  void bfloat16IsRoundedOnce(String name) {
    assertNear(SMALL + name, Merges.FLOAT32, 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "task_arithmetic_bf16",
        "ties_bf16",
        "ties_trimmed_bf16",
        "breadcrumbs_bf16",
        "breadcrumbs_ties_bf16"
      })
  void bfloat16CanBeRoundedLikeMergekit(String name) {
    assertNear(SMALL + name, bfloat16(Merges.FLOAT32.masks()), 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dare_linear_bf16", "dare_ties_bf16", "della_bf16", "della_linear_bf16"})
  void droppingInBfloat16CanBeRoundedLikeMergekit(String name) {
    Path masks = Merges.golden(SMALL + name + "_masks.safetensors");
    assertNear(SMALL + name, bfloat16(Merges.masks(masks, "ft1_bf16", "ft2_bf16")), 0);
  }

  private static Arithmetic bfloat16(Masks masks) {
    return new Arithmetic(Rounding.BFLOAT16, DropRescale.NORM, masks);
  }

  private static void assertNear(String name, Arithmetic arithmetic, double tolerance) {
    Map<String, float[]> expected = Merges.read(Merges.golden(name + ".safetensors"));
    Map<String, float[]> merged = Merges.merge(Merges.golden(name + ".yaml"), arithmetic);
    assertEquals(expected.keySet(), Map.copyOf(merged).keySet());
    expected.forEach(
        (tensor, values) -> {
          double largest = 0;
          for (int i = 0; i < values.length; i++) {
            largest = Math.max(largest, Math.abs(values[i] - merged.get(tensor)[i]));
          }
          assertTrue(largest <= tolerance, tensor + " differs by " + largest);
        });
  }
}
