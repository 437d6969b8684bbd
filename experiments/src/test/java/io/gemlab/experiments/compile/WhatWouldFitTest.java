package io.gemlab.experiments.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.StateWeight;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.ops.Precision;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.HloModuleProto;
import io.gemlab.tpu.hlo.proto.PrimitiveType;
import io.gemlab.tpu.hlo.proto.ShapeProto;
import io.gemlab.tpu.mesh.Mesh;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.GraphDef;

/** A training step of 9B, which holds 12 bytes a parameter: 110.9 GB, or 103.3 GiB. */
final class WhatWouldFitTest {
  private static final double GIB = 1L << 30;
  private static final String LOSS = "; --loss-pieces 8 may also fit (not estimated)";

  @Test
  void aMeshThatSharesOutTheWeights() {
    // 34.4 GiB of weights on each device, 4.3 of moments, and 30 else.
    assertEquals(
        "estimated to fit with --mesh data=1,fsdp=16,model=1, at 6.46 GiB of a device; or"
            + " with a device such as v5p or h100 or h200"
            + LOSS,
        sentence("v5e:4x4", Optional.empty(), OptionalInt.empty(), 34.4 + 4.31));
  }

  @Test
  void fewerRows() {
    assertEquals(
        "estimated to fit with --batch 48; or with a device such as h200" + LOSS,
        sentence("v5p:2x2x4", Optional.of("fsdp=16"), OptionalInt.of(64), 6.46 + 110));
  }

  @Test
  void moreDevicesWhereTheseAreTooFew() {
    assertEquals(
        "estimated to fit with 16 devices as --mesh data=1,fsdp=16,model=1, at 11.4 GiB of"
            + " each; or with a device such as v4 or v5p or v6e or h100 or h200"
            + LOSS,
        sentence("v5e:2x4", Optional.of("fsdp=8"), OptionalInt.empty(), 12.9 + 5));
  }

  @Test
  void theModelAxisWhereTemporariesAloneAreTooMuch() {
    assertEquals(
        "estimated to fit with --mesh data=1,fsdp=4,model=4, if the model axis cuts all"
            + " temporaries too, at 11.0 GiB of a device; or with a device such as v4 or v5p or v6e"
            + " or h100 or h200"
            + LOSS,
        sentence("v5e:4x4", Optional.of("fsdp=16"), OptionalInt.empty(), 6.46 + 18));
  }

  @Test
  void rematerialisationWhereNothingIsComputedAgainYet() {
    assertEquals(
        "estimated to fit with --batch 48; or with a device such as h200; --remat layer or"
            + " --loss-pieces 8 may also fit (not estimated)",
        sentence(
            "v5p:2x2x4",
            Optional.of("fsdp=16"),
            OptionalInt.of(64),
            6.46 + 110,
            new Depth(Depth.Layers.UNROLLED, Depth.Remat.NONE)));
  }

  private static String sentence(
      String target, Optional<String> mesh, OptionalInt rows, double neededGib) {
    return sentence(
        target, mesh, rows, neededGib, new Depth(Depth.Layers.SCANNED, Depth.Remat.LAYER));
  }

  private static String sentence(
      String target, Optional<String> mesh, OptionalInt rows, double neededGib, Depth depth) {
    CompileCase compileCase =
        new CompileCase(
            "9B",
            ProgramKind.TRAIN,
            new ModelVariant(
                new ModelSpec(
                    "gemma2-9b",
                    Gemma2Presets.config("gemma2-9b"),
                    OpChoice.of(Choices.attention("blockwise")),
                    Precision.BFLOAT16),
                OptionalInt.empty(),
                ModelVariant.Softcaps.ON,
                depth.layers(),
                depth.remat()),
            rows,
            8192,
            Target.of(target),
            mesh.map(Mesh::parse));
    OutOfMemory refusal =
        new OutOfMemory("too large", OptionalDouble.of(neededGib * GIB), OptionalDouble.empty());
    List<GraphFunction.Input> state = state(depth.layers());
    return WhatWouldFit.sentence(
        CaseResult.of(
            compileCase, function(state), exported(state), new CaseOutcome.TooLarge(refusal)));
  }

  /** The step's state. */
  private static List<GraphFunction.Input> state(Depth.Layers layers) {
    List<GraphFunction.Input> state = new ArrayList<>();
    for (StateWeight weight : StateWeight.of(Gemma2Presets.config("gemma2-9b"), layers)) {
      String name = weight.name();
      state.add(state(name, StateRole.WEIGHT, weight.shape()));
      state.add(state(TrainStep.expAvg(name), StateRole.MOMENT, weight.shape()));
      state.add(state(TrainStep.expAvgSq(name), StateRole.MOMENT, weight.shape()));
    }
    return state;
  }

  private static GraphFunction.Input state(String name, StateRole role, TensorShape shape) {
    return new GraphFunction.Input(
        new TensorSpec(name, ElementType.F32, shape), name, Optional.of(role));
  }

  /** A function of nothing but state. */
  private static GraphFunction function(List<GraphFunction.Input> state) {
    return new GraphFunction(
        "step",
        GraphDef.getDefaultInstance(),
        state,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private static HloModule exported(List<GraphFunction.Input> state) {
    HloComputationProto.Builder entry = HloComputationProto.newBuilder().setId(1);
    for (GraphFunction.Input input : state) {
      TensorSpec spec = input.spec();
      ShapeProto shape =
          ShapeProto.newBuilder()
              .setElementType(PrimitiveType.F32)
              .addAllDimensions(spec.shape().dimensions())
              .build();
      long number = entry.getInstructionsCount();
      entry.addInstructions(
          HloInstructionProto.newBuilder()
              .setId(2 + number)
              .setName(spec.name())
              .setOpcode("parameter")
              .setParameterNumber(number)
              .setShape(shape));
      entry.getProgramShapeBuilder().addParameters(shape).addParameterNames(spec.name());
    }
    entry.setRootId(2);
    entry.getProgramShapeBuilder().setResult(entry.getInstructions(0).getShape());
    return new HloModule(
        HloModuleProto.newBuilder().setEntryComputationId(1).addComputations(entry).build());
  }
}
