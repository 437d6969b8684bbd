package io.gemlab.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

class ScalarsTest {

  /** What Gemma 2 2B, 9B and 27B scale their embeddings by: the square root of hidden_size. */
  @ParameterizedTest
  @CsvSource({
    "FLOAT32, 2304, 48",
    "BFLOAT16, 2304, 48",
    "FLOAT32, 3584, 59.866520",
    "BFLOAT16, 3584, 59.75",
    "FLOAT16, 3584, 59.875",
    "FLOAT32, 4608, 67.882250",
    "BFLOAT16, 4608, 68",
    "FLOAT16, 4608, 67.875"
  })
  void scalarsAreRoundedToTheNearestOfTheirType(Precision precision, int hidden, float expected) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<? extends TFloating> scalar = Scalars.of(tf, precision.type(), Math.sqrt(hidden));
      assertEquals(precision.type(), scalar.type());
      assertEquals(expected, value(graph, Scalars.toFloat32(tf, scalar)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCastToItsOwnTypeAddsNothing(Precision precision) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<? extends TFloating> scalar = Scalars.of(tf, precision.type(), 1);
      assertSame(
          scalar.asOutput().op(), Scalars.cast(tf, scalar, precision.type()).asOutput().op());
      Operand<TFloat64> wide = Scalars.cast(tf, scalar, TFloat64.class);
      assertEquals(TFloat64.class, wide.type());
    }
  }

  @Test
  void refusesATypeItDoesNotKnow() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Exception refusal =
          assertThrows(IllegalArgumentException.class, () -> Scalars.of(tf, TFloating.class, 1));
      assertEquals(
          "TFloating is not a floating-point type Gemlab computes in", refusal.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPrecisionIsNamedAsOnTheCommandLine(Precision precision) {
    assertEquals(precision, Precision.valueOf(precision.label().toUpperCase(Locale.ROOT)));
    assertEquals(
        precision.type().getSimpleName().toLowerCase(Locale.ROOT), "t" + precision.label());
    assertEquals(precision == Precision.FLOAT32 ? 4 : 2, precision.bytes());
  }

  private static float value(Graph graph, Operand<TFloat32> scalar) {
    try (Session session = new Session(graph);
        Result result = session.runner().fetch(scalar).run()) {
      return ((TFloat32) result.get(0)).getFloat();
    }
  }
}
