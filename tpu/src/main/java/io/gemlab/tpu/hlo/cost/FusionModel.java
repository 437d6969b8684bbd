package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloShapes;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a computation reads from and writes to memory, kernel by kernel.
 *
 * <p>A program that a compiler has fused is taken as it is: each instruction is a kernel. One that
 * no compiler has seen yet is fused as any would at least do it: what is element-wise or only moves
 * elements joins its one user; with several users it is written once and read by each, unless it is
 * cheaper made again (conversions, broadcasts, transpositions, slices). A slice reads only itself;
 * an update in place writes only itself. Everything else (products, reductions, gathers) writes its
 * result.
 *
 * <p>It is a model: a compiler may also fuse into a product's output, or keep values on chip.
 */
final class FusionModel {
  /** No element is touched: the value is another's memory. */
  private static final Set<String> ALIAS =
      Set.of(
          "add-dependency",
          "after-all",
          "all-gather-done",
          "all-reduce-done",
          "async-done",
          "async-update",
          "collective-permute-done",
          "copy-done",
          "domain",
          "get-tuple-element",
          "opt-barrier",
          "parameter",
          "tuple");

  /** What runs elsewhere is counted there. */
  private static final Set<String> CONTROL = Set.of("call", "conditional", "while");

  /** Makes elements out of nothing. */
  private static final Set<String> FREE = Set.of("constant", "iota", "partition-id", "replica-id");

  private static final Set<String> CHEAP =
      Set.of("broadcast", "convert", "reverse", "slice", "transpose");

  private static final Set<String> MOVES = Set.of("copy", "dynamic-slice", "pad");

  private static final Set<String> SLICES = Set.of("slice", "dynamic-slice");

  /**
   * @param result the instruction whose value it writes
   * @param cost of all it computes, and what it reads and writes
   */
  record Kernel(HloInstructionProto result, Cost cost) {}

  private final HloIndex index;
  private final HloComputationProto computation;
  private final Arithmetic arithmetic;
  private final boolean isOptimized;

  /** Who reads a value; what reads it through something cheap counts each time. */
  private final Map<Long, Integer> readers = new HashMap<>();

  /** Values that must stand in memory: outputs, and what loops and tuples take. */
  private final Set<Long> needed = new HashSet<>();

  FusionModel(HloIndex index, HloComputationProto computation) {
    this.index = index;
    this.computation = computation;
    this.arithmetic = new Arithmetic(index);
    this.isOptimized = index.module().isOptimized();
    needed.add(computation.getRootId());
    for (HloInstructionProto user : computation.getInstructionsList().reversed()) {
      boolean takesMemory =
          isView(user)
              ? needed.contains(user.getId())
              : isAlias(user) || CONTROL.contains(user.getOpcode());
      int readings =
          isView(user) || CHEAP.contains(user.getOpcode())
              ? readers.getOrDefault(user.getId(), 0)
              : 1;
      for (long operand : new HashSet<>(user.getOperandIdsList())) {
        readers.merge(operand, readings, Integer::sum);
        if (takesMemory) needed.add(operand);
      }
    }
  }

  List<Kernel> kernels() {
    List<Kernel> kernels = new ArrayList<>();
    for (HloInstructionProto instruction : computation.getInstructionsList()) {
      if (isWritten(instruction)) kernels.add(kernel(instruction));
    }
    return kernels;
  }

  /** Whether an instruction's value takes memory of its own. */
  boolean isWritten(HloInstructionProto instruction) {
    String opcode = instruction.getOpcode();
    if (isView(instruction) || isAlias(instruction) || CONTROL.contains(opcode)) return false;
    if (isOptimized || needed.contains(instruction.getId())) return !opcode.equals("constant");
    if (FREE.contains(opcode) || CHEAP.contains(opcode)) return false;
    boolean fuses =
        Arithmetic.ELEMENT_WISE.contains(opcode)
            || Arithmetic.isTranscendental(opcode)
            || MOVES.contains(opcode);
    return !fuses || readers.getOrDefault(instruction.getId(), 0) > 1;
  }

  /** Whether an instruction's value is another's memory. */
  private static boolean isAlias(HloInstructionProto instruction) {
    return ALIAS.contains(instruction.getOpcode());
  }

  /** Whether an instruction's value is another's elements in the same order. */
  private boolean isView(HloInstructionProto instruction) {
    String opcode = instruction.getOpcode();
    return opcode.equals("bitcast") || (opcode.equals("reshape") && !isOptimized);
  }

  private Kernel kernel(HloInstructionProto result) {
    return new Kernel(
        result, result.getOpcode().equals("async-start") ? started(result) : cost(result));
  }

  /** Of what runs on while others do: that of the computation, not of the operands handed on. */
  private Cost started(HloInstructionProto start) {
    return new FusionModel(index, index.called(start, 0))
        .kernels().stream().map(Kernel::cost).reduce(Cost.ZERO, Cost::plus);
  }

  private Cost cost(HloInstructionProto result) {
    Map<Long, Long> reads = new LinkedHashMap<>();
    Cost computed = arithmetic.of(result);
    long written = HloShapes.bytes(result.getShape());
    List<HloInstructionProto> operands = index.operands(result);
    switch (result.getOpcode()) {
      case "gather" -> {
        reads.put(result.getId(), written);
        computed = computed.plus(read(operands.get(1), reads));
      }
      case "scatter" -> {
        int arrays = operands.size() / 2;
        written = isMemory(operands.getFirst()) ? 0 : written;
        for (int i = arrays; i < operands.size(); i++) {
          computed = computed.plus(read(operands.get(i), reads));
          if (i > arrays) written += 2 * HloShapes.bytes(operands.get(i).getShape());
        }
      }
      case "dynamic-update-slice" -> {
        long update = HloShapes.bytes(operands.get(1).getShape());
        written = isMemory(operands.getFirst()) ? update : written + update;
        computed = computed.plus(read(operands.get(1), reads));
      }
      case "fusion" -> {
        FusedTraffic traffic = new FusedTraffic(index, result);
        written = traffic.written();
        for (int i = 0; i < operands.size(); i++) reads.put((long) -1 - i, traffic.read(i));
      }
      default -> {
        if (isSlice(result)) {
          reads.put(result.getId(), written);
        } else {
          for (HloInstructionProto operand : operands)
            computed = computed.plus(read(operand, reads));
        }
      }
    }
    long read = reads.values().stream().mapToLong(Long::longValue).sum();
    return computed.plus(Cost.ofBytes(read + written));
  }

  /** Reads a value, or makes it where it is fused; what is read twice is read once. */
  private Cost read(HloInstructionProto value, Map<Long, Long> reads) {
    if (reads.containsKey(value.getId())) return Cost.ZERO;
    if (isView(value)) return read(index.operand(value, 0), reads);
    if (isMemory(value)) {
      reads.put(value.getId(), HloShapes.bytes(value.getShape()));
      return Cost.ZERO;
    }
    reads.put(value.getId(), 0L); // made here, once
    Cost made = arithmetic.of(value);
    if (isSlice(value) && isMemory(index.operand(value, 0))) {
      reads.put(value.getId(), HloShapes.bytes(value.getShape()));
      return made;
    }
    for (HloInstructionProto operand : index.operands(value))
      made = made.plus(read(operand, reads));
    return made;
  }

  private boolean isMemory(HloInstructionProto value) {
    if (isView(value)) return isMemory(index.operand(value, 0));
    return isWritten(value)
        || isAlias(value)
        || CONTROL.contains(value.getOpcode())
        || (value.getOpcode().equals("constant") && HloShapes.elements(value.getShape()) > 1);
  }

  private static boolean isSlice(HloInstructionProto instruction) {
    return SLICES.contains(instruction.getOpcode());
  }
}
