package io.gemlab.experiments.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Precision;
import io.gemlab.tpu.path.PjrtPath;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each name stands for one thing, and a name that stands for none is refused with the nearest. */
class ChoicesTest {
  @Test
  void everyPathIsFoundByItsName() {
    for (ExecutionPath path : Choices.PATHS) assertEquals(path, Choices.path(path.label()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pjrt:cpu", "pjrt:tpu", "pjrt:/some/plugin.so"})
  void aDeviceIsNamedWithoutBeingThere(String label) {
    assertEquals(label, ((PjrtPath) Choices.path(label)).label());
  }

  @ParameterizedTest
  @ValueSource(strings = {"eager", "sdpa", "blockwise"})
  void everyAttentionIsFoundByItsName(String label) {
    assertEquals(label, Choices.attention(label).label());
  }

  @ParameterizedTest
  @CsvSource({
    "float32, FLOAT32",
    "fp32, FLOAT32",
    "bfloat16, BFLOAT16",
    "bf16, BFLOAT16",
    "float16, FLOAT16",
    "fp16, FLOAT16"
  })
  void aPrecisionHasAShortNameToo(String name, Precision precision) {
    assertEquals(precision, Choices.precision(name));
  }

  @Test
  void enumsAreFoundByTheirLabels() {
    for (Depth.Layers layers : Depth.Layers.values()) {
      assertEquals(layers, Choices.layers(layers.label()));
    }
    for (Depth.Remat remat : Depth.Remat.values()) {
      assertEquals(remat, Choices.remat(remat.label()));
    }
    for (Quantization kind : List.of(Quantization.INT8, Quantization.INT4)) {
      assertEquals(kind, Choices.quantization(kind.label()));
    }
  }

  @Test
  void theNearestNameIsSaid() {
    assertRefused(Choices::path, "clusterd", "path", "clustered");
    assertRefused(Choices::path, "pjrt", "path", "pjrt:");
    assertRefused(Choices::attention, "blockwize", "attention", "blockwise");
    assertRefused(Choices::precision, "float23", "dtype", "float32");
    assertRefused(Choices::layers, "scaned", "layers", "scanned");
    assertRefused(Choices::remat, "layers", "remat", "layer");
    assertRefused(Choices::quantization, "int5", "quantize", "int");
    assertRefused(Choices::quantization, Quantization.NONE.label(), "quantize", "int8");
  }

  private static void assertRefused(
      Function<String, ?> choice, String name, String what, String nearest) {
    String message = assertThrows(InvalidInput.class, () -> choice.apply(name)).getMessage();
    assertTrue(message.contains(what + " \"" + name + "\""), message);
    assertTrue(message.contains(nearest), message);
  }
}
