package io.gemlab.tpu.hlo.rewrite;

import static io.gemlab.tpu.hlo.HandMade.f32;
import static io.gemlab.tpu.hlo.HandMade.shape;
import static io.gemlab.tpu.hlo.HandMade.tupleShape;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.tpu.hlo.HandMade;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.PrimitiveType;
import io.gemlab.tpu.hlo.proto.ShapeProto;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ParameterTrailTest {
  private final HandMade hlo = new HandMade();

  @Test
  void aWeightIsKnownInAnotherTypeOrShapeAndNotInAProduct() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto x = entry.parameter(f32(2, 2));
    HloInstructionProto weight = entry.parameter(f32(4));
    HloInstructionProto square = entry.op("reshape", f32(2, 2), weight);
    HloInstructionProto half =
        entry.op("convert", shape(PrimitiveType.BF16, 2, 2), entry.op("copy", f32(2, 2), square));
    HloInstructionProto product = entry.dot(f32(2, 2), x, half);
    entry.done();

    ParameterTrail trail = ParameterTrail.of(hlo.module());
    assertEquals(Optional.of(0), trail.parameter(x));
    assertEquals(Optional.of(1), trail.parameter(half));
    assertEquals(Optional.empty(), trail.parameter(product));
  }

  @Test
  void aCallsResultIsFollowedThroughTuplesAndBarriers() {
    HandMade.Computation called = hlo.computation();
    HloInstructionProto inner = called.parameter(f32(2));
    HloInstructionProto other = called.op("negate", f32(2), inner);
    called.tuple(other, inner);
    HloComputationProto computation = called.done();
    HandMade.Computation entry = hlo.computation();
    entry.parameter(f32(2));
    HloInstructionProto weight = entry.parameter(f32(2));
    HloInstructionProto result =
        entry.calling(hlo.instruction("call", tupleShape(f32(2), f32(2)), weight), computation);
    HloInstructionProto held = entry.op("opt-barrier", result.getShape(), result);
    HloInstructionProto changed = entry.element(held, 0);
    HloInstructionProto same = entry.element(held, 1);
    entry.done();

    ParameterTrail trail = ParameterTrail.of(hlo.module());
    assertEquals(Optional.of(1), trail.parameter(inner));
    assertEquals(Optional.empty(), trail.parameter(changed));
    assertEquals(Optional.of(1), trail.parameter(same));
    assertEquals(Optional.empty(), trail.parameter(held), "a tuple is no one parameter");
  }

  @Test
  void whatTwoCallsGiveDifferentlyIsNoOnesValue() {
    HandMade.Computation called = hlo.computation();
    HloInstructionProto common = called.parameter(f32(2));
    HloInstructionProto own = called.parameter(f32(2));
    called.dot(f32(2, 2), common, own);
    HloComputationProto computation = called.done();
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto first = entry.parameter(f32(2));
    HloInstructionProto second = entry.parameter(f32(2));
    entry.calling(hlo.instruction("call", f32(2, 2), first, second), computation);
    entry.calling(hlo.instruction("call", f32(2, 2), first, first), computation);
    entry.done();

    ParameterTrail trail = ParameterTrail.of(hlo.module());
    assertEquals(Optional.of(0), trail.parameter(common));
    assertEquals(Optional.empty(), trail.parameter(own));
  }

  /** What one turn changes is handed on in another's place by the next. */
  @Test
  void aLoopKeepsWhatEveryTurnHandsOn() {
    ShapeProto stack = f32(3, 2);
    ShapeProto state = tupleShape(stack, stack, stack, stack);
    HandMade.Computation body = hlo.computation();
    HloInstructionProto before = body.parameter(state);
    HloInstructionProto kept = body.element(before, 0);
    HloInstructionProto layer =
        body.op("reshape", f32(2), body.op("dynamic-slice", f32(1, 2), kept));
    HloInstructionProto changed = body.op("negate", stack, body.element(before, 1));
    HloInstructionProto afterChanged = body.element(before, 2);
    body.tuple(kept, changed, body.element(before, 1), body.element(before, 3));
    HloComputationProto turn = body.done();
    HandMade.Computation condition = hlo.computation();
    condition.parameter(state);
    condition.constant(1);
    HloComputationProto again = condition.done();
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto start =
        entry.tuple(
            entry.parameter(stack),
            entry.parameter(stack),
            entry.parameter(stack),
            entry.parameter(stack));
    HloInstructionProto end = entry.calling(hlo.instruction("while", state, start), turn, again);
    HloInstructionProto[] ends = new HloInstructionProto[4];
    for (int i = 0; i < 4; i++) ends[i] = entry.element(end, i);
    entry.done();

    ParameterTrail trail = ParameterTrail.of(hlo.module());
    assertEquals(Optional.of(0), trail.parameter(layer));
    assertEquals(Optional.empty(), trail.parameter(afterChanged));
    assertEquals(Optional.of(0), trail.parameter(ends[0]));
    assertEquals(Optional.empty(), trail.parameter(ends[1]));
    assertEquals(Optional.empty(), trail.parameter(ends[2]));
    assertEquals(Optional.of(3), trail.parameter(ends[3]));
  }
}
