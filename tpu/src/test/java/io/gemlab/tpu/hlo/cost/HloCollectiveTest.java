package io.gemlab.tpu.hlo.cost;

import static io.gemlab.tpu.hlo.HandMade.f32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.tpu.hlo.HandMade;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.OpSharding;
import io.gemlab.tpu.hlo.proto.ReplicaGroup;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HloCollectiveTest {
  private final HandMade hlo = new HandMade();

  private HloInstructionProto.Builder collective(
      String opcode, HloInstructionProto operand, long... shape) {
    return hlo.instruction(opcode, f32(shape), operand)
        .addReplicaGroups(ReplicaGroup.newBuilder().addAllReplicaIds(List.of(0L, 1L, 2L, 3L)));
  }

  private HloInstructionProto.Builder fusion(HloInstructionProto operand, long... shape) {
    return hlo.instruction("fusion", f32(shape), operand).setFusionKind("kCustom");
  }

  @Test
  void aSumOfWhichEachKeepsASliceIsAReduceScatter() {
    HandMade.Computation fused = hlo.computation();
    HloInstructionProto whole = fused.parameter(f32(8));
    HloInstructionProto sum = fused.add(collective("all-reduce", whole, 8));
    fused.op("dynamic-slice", f32(2), sum);
    HloComputationProto scatter = fused.done();
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto x = entry.parameter(f32(8));
    entry.calling(fusion(x, 2), scatter);
    entry.add(collective("all-reduce", x, 8));
    entry.done();

    List<HloCollective> found = HloCollective.of(hlo.module());
    assertEquals(
        List.of(CollectiveKind.REDUCE_SCATTER, CollectiveKind.ALL_REDUCE),
        found.stream().map(HloCollective::kind).toList());
    assertEquals(32, found.getFirst().bytes());
    assertEquals(4, found.getFirst().groupSize());
    assertTrue(HloKernel.of(hlo.module()).isEmpty(), "what only communicates is no kernel");
  }

  /**
   * libtpu starts it in one fusion, goes on in others beside their own work, and waits in a last.
   */
  @Test
  void aCollectiveSpreadOverFusionsCountsOnce() {
    HloComputationProto start = step("AsyncCollectiveStart");
    HloComputationProto middle = step("");
    HloComputationProto done = step("AsyncCollectiveDone");
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto x = entry.parameter(f32(2));
    entry.calling(fusion(x, 8), start);
    entry.calling(fusion(x, 8), middle);
    entry.calling(fusion(x, 8), done);
    entry.done();

    List<HloCollective> found = HloCollective.of(hlo.module());
    assertEquals(1, found.size());
    assertEquals(CollectiveKind.ALL_GATHER, found.getFirst().kind());
    assertEquals(8, found.getFirst().bytes());
    assertEquals(1, HloKernel.of(hlo.module()).size(), "the one with work of its own");
  }

  private HloComputationProto step(String target) {
    HandMade.Computation fused = hlo.computation();
    HloInstructionProto x = fused.parameter(f32(2));
    HloInstructionProto.Builder gather = collective("all-gather", x, 8);
    gather.getFrontendAttributesBuilder().putMap("chain_id", "0");
    HloInstructionProto gathered = fused.add(gather);
    if (target.isEmpty()) {
      fused.op("negate", f32(8), gathered);
    } else {
      fused.add(hlo.instruction("custom-call", f32(8), gathered).setCustomCallTarget(target));
    }
    return fused.done();
  }

  /** On chips with SparseCores libtpu hands it to one, as a custom call that runs beside others. */
  @Test
  void aCollectiveOnASparseCoreCountsWhereItStarts() {
    HandMade.Computation offloaded = hlo.computation();
    offloaded.add(collective("all-gather", offloaded.parameter(f32(2)), 8));
    HloComputationProto gather = offloaded.done();
    HandMade.Computation wrapped = hlo.computation();
    HloInstructionProto given = wrapped.parameter(f32(2));
    wrapped.calling(hlo.instruction("custom-call", f32(8), given), gather);
    HloComputationProto async = wrapped.done();
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto x = entry.parameter(f32(2));
    HloInstructionProto start = entry.calling(hlo.instruction("async-start", f32(8), x), async);
    entry.calling(hlo.instruction("async-done", f32(8), start), async);
    entry.done();

    List<HloCollective> found = HloCollective.of(hlo.module());
    assertEquals(1, found.size());
    assertEquals(CollectiveKind.ALL_GATHER, found.getFirst().kind());
    assertEquals(8, found.getFirst().bytes());
    assertTrue(HloKernel.of(hlo.module()).isEmpty());
  }

  /** Ring: all-gather and reduce-scatter pass every piece but one's own on, a sum is both. */
  @Test
  void timesOnARing() {
    double rate = Chip.V5P.ringBytesPerSecond();
    assertEquals(3 * 8 / rate, seconds(CollectiveKind.ALL_GATHER), 1e-20);
    assertEquals(6 / rate, seconds(CollectiveKind.REDUCE_SCATTER), 1e-20);
    assertEquals(12 / rate, seconds(CollectiveKind.ALL_REDUCE), 1e-20);
    assertEquals(8 / rate, seconds(CollectiveKind.ALL_TO_ALL), 1e-20);
    assertEquals(16 / rate, seconds(CollectiveKind.COLLECTIVE_PERMUTE), 1e-20);
  }

  private static double seconds(CollectiveKind kind) {
    return new HloCollective(kind, "", ModelPart.OTHER, 1, 8, List.of(List.of(0, 1, 2, 3)))
        .seconds(Chip.V5P);
  }

  @Test
  void startsCountAndWaitsDoNot() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto x = entry.parameter(f32(8));
    HloInstructionProto start = entry.add(collective("all-reduce-start", x, 8));
    entry.op("all-reduce-done", f32(8), start);
    entry.done();
    assertEquals(1, HloCollective.of(hlo.module()).size());
    assertTrue(HloKernel.of(hlo.module()).isEmpty());
  }

  @Test
  void aPinnedValueIsWhatItsUsersTake() {
    HandMade.Computation entry = hlo.computation();
    HloInstructionProto x = entry.parameter(f32(8));
    HloInstructionProto scattered = entry.op("scatter", f32(8), x);
    entry.op("negate", f32(8), scattered);
    entry.done();
    OpSharding replicated = OpSharding.newBuilder().setType(OpSharding.Type.REPLICATED).build();

    HloModule pinned =
        hlo.module()
            .withPinned(
                (value, user) ->
                    value.getOpcode().equals("scatter") && user.getOpcode().equals("negate")
                        ? Optional.of(replicated)
                        : Optional.empty());

    List<HloInstructionProto> instructions = pinned.entry().getInstructionsList();
    assertEquals(
        List.of("parameter", "scatter", "custom-call", "negate"),
        instructions.stream().map(HloInstructionProto::getOpcode).toList());
    HloInstructionProto pin = instructions.get(2);
    assertEquals("Sharding", pin.getCustomCallTarget());
    assertEquals(replicated, pin.getSharding());
    assertEquals(List.of(scattered.getId()), pin.getOperandIdsList());
    assertEquals(List.of(pin.getId()), instructions.get(3).getOperandIdsList());
    assertEquals(instructions.get(3).getId(), pinned.entry().getRootId());
  }
}
