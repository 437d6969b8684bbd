package io.gemlab.graph.base.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class TensorShapeTest {
  @Test
  void countsItsElements() {
    assertEquals(24, TensorShape.of(2, 3, 4).elements());
    assertEquals(1, TensorShape.of().elements());
    assertEquals(0, TensorShape.of(5, 0).elements());
    assertThrows(ArithmeticException.class, () -> TensorShape.of(1L << 40, 1L << 40).elements());
  }

  @Test
  void hasNoNegativeDimension() {
    assertEquals(
        "a dimension of -1 in [2, -1]; none may be below 0",
        assertThrows(IllegalArgumentException.class, () -> TensorShape.of(2, -1)).getMessage());
  }
}
