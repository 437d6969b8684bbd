package io.gemlab.tpu.hlo;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInputOutputAliasProto;
import io.gemlab.tpu.hlo.proto.HloInputOutputAliasProto.AliasEntryProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.HloModuleProto;
import io.gemlab.tpu.hlo.proto.OpSharding;
import io.gemlab.tpu.hlo.proto.ShapeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A program of XLA's: computations of instructions, one of them the entry.
 *
 * <p>What Gemlab's own .proto does not name is kept as unknown fields, so a program that is read
 * and written again is the same program.
 *
 * @param proto the program
 */
public record HloModule(HloModuleProto proto) {
  private static final String PARAMETER = "parameter";

  /**
   * That an output may take the memory of a parameter.
   *
   * @param output position among the entry's outputs
   * @param parameter the parameter's number
   */
  public record Alias(int output, int parameter) {}

  /**
   * A bare module, as PJRT takes and gives it in the format {@code hlo}.
   *
   * @throws InvalidInput if it is something else
   */
  public static HloModule of(byte[] module) {
    try {
      return new HloModule(HloModuleProto.parseFrom(module));
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidInput("the bytes given as a program are no HLO module", e);
    }
  }

  /** The bare module. */
  public byte[] toByteArray() {
    return proto.toByteArray();
  }

  /** Whether a compiler has been over it, so that it is fused or scheduled. */
  public boolean isOptimized() {
    return proto.hasSchedule()
        || proto.getComputationsList().stream()
            .flatMap(computation -> computation.getInstructionsList().stream())
            .anyMatch(instruction -> instruction.getOpcode().equals("fusion"));
  }

  /** The computation that runs. */
  public HloComputationProto entry() {
    return proto.getComputations(entryIndex());
  }

  /** What the entry takes, by number. */
  public List<ShapeProto> parameters() {
    return Arrays.stream(entryParameters()).map(HloInstructionProto::getShape).toList();
  }

  /** Bytes of each parameter, by number, as its shape says; a device may pad it. */
  public List<Long> parameterBytes() {
    return parameters().stream().map(HloShapes::bytes).toList();
  }

  /** What the entry's parameters are called, by number. */
  public List<String> parameterNames() {
    return entry().getProgramShape().getParameterNamesList();
  }

  /** What the entry gives: the elements of its tuple, or its one array. */
  public List<ShapeProto> outputs() {
    ShapeProto result = entry().getProgramShape().getResult();
    return HloShapes.isTuple(result) ? result.getTupleShapesList() : List.of(result);
  }

  /** How parameters are cut over devices, by number: what {@link #withShardings} wrote. */
  public List<OpSharding> parameterShardings() {
    return Arrays.stream(entryParameters()).map(HloInstructionProto::getSharding).toList();
  }

  /** How outputs are. */
  public List<OpSharding> outputShardings() {
    HloComputationProto entry = entry();
    for (HloInstructionProto instruction : entry.getInstructionsList()) {
      if (instruction.getId() != entry.getRootId()) continue;
      OpSharding sharding = instruction.getSharding();
      return HloShapes.isTuple(instruction.getShape())
          ? sharding.getTupleShardingsList()
          : List.of(sharding);
    }
    throw new IllegalStateException("the entry has no root");
  }

  /** Which output takes which parameter's memory. */
  public List<Alias> aliases() {
    return proto.getInputOutputAlias().getEntriesList().stream()
        .map(
            entry ->
                new Alias(
                    entry.getOutputShapeIndexCount() == 0
                        ? 0
                        : Math.toIntExact(entry.getOutputShapeIndex(0)),
                    Math.toIntExact(entry.getParameterNumber())))
        .toList();
  }

  /**
   * The same program with its parameters named, in the signature and in each parameter's metadata,
   * which compilers hand on.
   *
   * @throws IllegalArgumentException if there are not as many names as parameters
   */
  public HloModule withParameterNames(List<String> names) {
    HloComputationProto entry = entry();
    HloInstructionProto[] parameters = entryParameters();
    if (names.size() != parameters.length) {
      throw new IllegalArgumentException(names.size() + " parameter names for " + signature());
    }
    HloComputationProto.Builder named = entry.toBuilder();
    named.getProgramShapeBuilder().clearParameterNames().addAllParameterNames(names);
    for (HloInstructionProto.Builder instruction : named.getInstructionsBuilderList()) {
      if (instruction.getOpcode().equals(PARAMETER)) {
        String name = names.get(Math.toIntExact(instruction.getParameterNumber()));
        instruction.setName(name);
        instruction.getMetadataBuilder().setOpName(name);
      }
    }
    HloModuleProto.Builder module = proto.toBuilder().setComputations(entryIndex(), named);
    module.getHostProgramShapeBuilder().clearParameterNames().addAllParameterNames(names);
    return new HloModule(module.build());
  }

  /**
   * The same program with parameters whose memory outputs may take; whoever runs it then gives that
   * memory away.
   *
   * @throws IllegalArgumentException if an output and its parameter differ in type or shape
   */
  public HloModule withAliases(List<Alias> aliases) {
    List<ShapeProto> parameters = parameters();
    List<ShapeProto> outputs = outputs();
    boolean tuple = HloShapes.isTuple(entry().getProgramShape().getResult());
    HloInputOutputAliasProto.Builder entries = HloInputOutputAliasProto.newBuilder();
    for (Alias alias : aliases) {
      ShapeProto output = outputs.get(alias.output());
      ShapeProto parameter = parameters.get(alias.parameter());
      if (!HloShapes.text(output).equals(HloShapes.text(parameter))) {
        throw new IllegalArgumentException(
            "output "
                + alias.output()
                + " is "
                + HloShapes.text(output)
                + " and can't take the memory of "
                + parameterNames().get(alias.parameter())
                + ", "
                + HloShapes.text(parameter));
      }
      AliasEntryProto.Builder entry =
          AliasEntryProto.newBuilder()
              .setParameterNumber(alias.parameter())
              .setKind(HloInputOutputAliasProto.Kind.MAY_ALIAS);
      if (tuple) entry.addOutputShapeIndex(alias.output()); // an array alone has no index
      entries.addEntries(entry);
    }
    return new HloModule(proto.toBuilder().setInputOutputAlias(entries).build());
  }

  /**
   * The same program with its parameters and outputs cut over devices, for a compiler that
   * partitions it by such annotations (GSPMD).
   *
   * @param parameters one a parameter, by number
   * @param outputs one an output
   * @throws IllegalArgumentException if there are more or fewer
   */
  public HloModule withShardings(List<OpSharding> parameters, List<OpSharding> outputs) {
    HloComputationProto.Builder entry = entry().toBuilder();
    if (parameters.size() != parameters().size() || outputs.size() != outputs().size()) {
      throw new IllegalArgumentException(
          parameters.size() + " and " + outputs.size() + " shardings for " + signature());
    }
    for (HloInstructionProto.Builder instruction : entry.getInstructionsBuilderList()) {
      if (instruction.getOpcode().equals(PARAMETER)) {
        instruction.setSharding(parameters.get(Math.toIntExact(instruction.getParameterNumber())));
      }
      if (instruction.getId() != entry.getRootId()) continue;
      instruction.setSharding(
          HloShapes.isTuple(instruction.getShape())
              ? OpSharding.newBuilder()
                  .setType(OpSharding.Type.TUPLE)
                  .addAllTupleShardings(outputs)
                  .build()
              : outputs.getFirst());
    }
    return new HloModule(proto.toBuilder().setComputations(entryIndex(), entry).build());
  }

  /** How a value is to be cut over devices where an instruction uses it. */
  @FunctionalInterface
  public interface Pin {
    /** Empty to leave it to the partitioner. */
    Optional<OpSharding> of(HloInstructionProto value, HloInstructionProto user);
  }

  /**
   * The same program with some of its values cut over devices as given, where a partitioner would
   * choose by itself.
   */
  public HloModule withPinned(Pin pin) {
    HloModuleProto.Builder module = proto.toBuilder();
    long nextId = 1 + largestId();
    HloIndex index = new HloIndex(this);
    for (HloComputationProto.Builder computation : module.getComputationsBuilderList()) {
      Map<List<Object>, Long> pinned = new HashMap<>();
      List<HloInstructionProto> instructions = new ArrayList<>();
      for (HloInstructionProto instruction : computation.getInstructionsList()) {
        HloInstructionProto.Builder user = instruction.toBuilder();
        for (int i = 0; i < user.getOperandIdsCount(); i++) {
          HloInstructionProto value = index.operand(instruction, i);
          Optional<OpSharding> wanted = pin.of(value, instruction);
          if (wanted.isEmpty()) continue;
          List<Object> key = List.of(value.getId(), wanted.get());
          if (!pinned.containsKey(key)) {
            instructions.add(pinned(value, wanted.get(), nextId));
            pinned.put(key, nextId++);
          }
          user.setOperandIds(i, pinned.get(key));
        }
        instructions.add(user.build());
      }
      computation.clearInstructions().addAllInstructions(instructions);
    }
    return new HloModule(module.build());
  }

  private static HloInstructionProto pinned(
      HloInstructionProto value, OpSharding sharding, long id) {
    return HloInstructionProto.newBuilder()
        .setName(value.getName() + ".pinned." + id)
        .setOpcode("custom-call")
        .setCustomCallTarget("Sharding")
        .setShape(value.getShape())
        .setMetadata(value.getMetadata())
        .setSharding(sharding)
        .addOperandIds(value.getId())
        .setId(id)
        .build();
  }

  /** The largest id of an instruction. */
  public long largestId() {
    return proto.getComputationsList().stream()
        .flatMap(computation -> computation.getInstructionsList().stream())
        .mapToLong(HloInstructionProto::getId)
        .max()
        .orElse(0);
  }

  private String signature() {
    return proto.getName()
        + " of "
        + parameters().size()
        + " parameters and "
        + outputs().size()
        + " outputs";
  }

  private int entryIndex() {
    for (int i = 0; i < proto.getComputationsCount(); i++) {
      if (proto.getComputations(i).getId() == proto.getEntryComputationId()) return i;
    }
    throw new IllegalStateException(proto.getName() + " has no entry computation");
  }

  private HloInstructionProto[] entryParameters() {
    List<HloInstructionProto> found =
        entry().getInstructionsList().stream()
            .filter(instruction -> instruction.getOpcode().equals(PARAMETER))
            .toList();
    HloInstructionProto[] ordered = new HloInstructionProto[found.size()];
    for (HloInstructionProto parameter : found) {
      ordered[Math.toIntExact(parameter.getParameterNumber())] = parameter;
    }
    return ordered;
  }
}
