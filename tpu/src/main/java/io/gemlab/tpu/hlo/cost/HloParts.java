package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which part of the model each instruction works for.
 *
 * <p>The path in its metadata says so where it was traced under one. What TensorFlow's own
 * gradients add has none; it works for the part its operands come from. A product between a norm
 * and another part is the other part's (the gradient of a projection's weight multiplies the
 * projection's input, a norm, with what comes back); a scatter is the gradient of the embedding's
 * lookup.
 */
final class HloParts {
  private final HloIndex index;
  private final Map<Long, ModelPart> parts = new HashMap<>();

  HloParts(HloIndex index) {
    this.index = index;
    for (HloComputationProto computation : index.module().proto().getComputationsList()) {
      for (HloInstructionProto instruction : computation.getInstructionsList()) {
        part(instruction).ifPresent(part -> parts.put(instruction.getId(), part));
      }
    }
  }

  ModelPart of(HloInstructionProto instruction) {
    return parts.getOrDefault(instruction.getId(), ModelPart.OTHER);
  }

  private Optional<ModelPart> part(HloInstructionProto instruction) {
    if (instruction.getOpcode().equals("parameter")) return Optional.empty();
    Optional<ModelPart> named = ModelPart.of(instruction.getMetadata().getOpName());
    if (named.isPresent()) return named;
    if (instruction.getOpcode().equals("scatter")) return Optional.of(ModelPart.EMBEDDING);

    Set<ModelPart> sources = EnumSet.noneOf(ModelPart.class);
    for (HloInstructionProto operand : index.operands(instruction)) {
      ModelPart part = parts.get(operand.getId());
      if (part != null) sources.add(part);
    }
    if (sources.isEmpty()) return Optional.empty();
    if (instruction.getOpcode().equals("dot") && sources.size() > 1) {
      sources.remove(ModelPart.NORM);
      sources.remove(ModelPart.OTHER);
    }
    return Optional.of(sources.size() == 1 ? sources.iterator().next() : ModelPart.OTHER);
  }
}
