package io.gemlab.experiments.compile;

import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.mesh.Mesh;
import io.gemlab.tpu.mesh.ShardingPlan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One program for one target.
 *
 * @param name how it differs from others in the same report
 * @param program which of the model's programs
 * @param model of which model
 * @param rows of all devices together; empty for one a device that takes a share of the batch
 * @param length tokens a row; of decoding, the positions that the cache has room for
 * @param target what it is compiled for
 * @param requestedMesh how the devices are arranged; empty for all of them on the data axis
 * @param loss what a training step minimises
 * @param part of a run's step, what is already traced; empty for the program as it is timed
 */
record CompileCase(
    String name,
    ProgramKind program,
    ModelVariant model,
    OptionalInt rows,
    int length,
    Target target,
    Optional<Mesh> requestedMesh,
    NextTokenLoss loss,
    Optional<StepPart> part) {
  /** Enough for the loss to take little beside the rest of a step. */
  static final int PIECES = 8;

  CompileCase {
    if ((long) rows.orElse(1) * length > Integer.MAX_VALUE) {
      throw new InvalidInput(
          "--batch %d of --length %d is more tokens than a tensor can index; give fewer"
              .formatted(rows.orElse(1), length));
    }
  }

  /** A case of the program as it is timed. */
  CompileCase(
      String name,
      ProgramKind program,
      ModelVariant model,
      OptionalInt rows,
      int length,
      Target target,
      Optional<Mesh> requestedMesh) {
    this(
        name,
        program,
        model,
        rows,
        length,
        target,
        requestedMesh,
        new NextTokenLoss(),
        Optional.empty());
  }

  /** The same case with one thing set otherwise. */
  CompileCase with(Axis axis, String value) {
    return switch (axis) {
      case ATTENTION -> with(model.withAttention(value));
      case BLOCK -> with(model.withBlock(count(axis, value)));
      case SOFTCAP -> with(model.withSoftcap(value));
      case DTYPE -> with(model.withPrecision(value));
      case LAYERS -> with(model.withLayers(value));
      case REMAT -> with(model.withRemat(value));
      case BATCH -> with(OptionalInt.of(count(axis, value)), length);
      case LENGTH -> with(rows, count(axis, value));
      case LOSS_PIECES -> with(new NextTokenLoss(count(axis, value)));
      case TARGET ->
          new CompileCase(
              name, program, model, rows, length, Target.of(value), requestedMesh, loss, part);
    };
  }

  private CompileCase with(ModelVariant other) {
    return new CompileCase(name, program, other, rows, length, target, requestedMesh, loss, part);
  }

  private CompileCase with(OptionalInt otherRows, int otherLength) {
    return new CompileCase(
        name, program, model, otherRows, otherLength, target, requestedMesh, loss, part);
  }

  private CompileCase with(NextTokenLoss other) {
    return new CompileCase(name, program, model, rows, length, target, requestedMesh, other, part);
  }

  /** The same case with so many rows. */
  CompileCase withRows(int other) {
    return with(OptionalInt.of(other), length);
  }

  CompileCase named(String other) {
    return new CompileCase(other, program, model, rows, length, target, requestedMesh, loss, part);
  }

  /**
   * The same case on the same mesh in each way to take less memory: of a training step each
   * rematerialisation, with the loss as it is and, where that is whole, in pieces.
   */
  List<CompileCase> variants() {
    CompileCase sameMesh =
        new CompileCase(
            name, program, model, rows, length, target, Optional.of(mesh()), loss, part);
    if (program != ProgramKind.TRAIN) return List.of(sameMesh);
    List<CompileCase> variants = new ArrayList<>();
    for (ModelVariant way : model.rematerialised()) {
      variants.add(sameMesh.with(way));
      if (canCutLoss()) variants.add(sameMesh.with(way).with(new NextTokenLoss(PIECES)));
    }
    return variants;
  }

  /** Whether the gradient computes nothing again. */
  boolean keepsActivations() {
    return program == ProgramKind.TRAIN && model.remat() == Depth.Remat.NONE;
  }

  /** Whether the loss is whole and could be in {@link #PIECES}. */
  boolean canCutLoss() {
    return program == ProgramKind.TRAIN && loss.pieces() == 1 && length % PIECES == 0;
  }

  /**
   * How the devices are arranged.
   *
   * @throws InvalidInput if none was asked for and none works
   */
  Mesh mesh() {
    if (requestedMesh.isPresent()) return requestedMesh.get();
    return rows.isEmpty()
        ? new Mesh(target.devices(), 1, 1)
        : ShardingPlan.mesh(model.config(), rows.getAsInt(), target.devices());
  }

  /** Rows of all devices together, and tokens a row. */
  BatchShape size() {
    return new BatchShape(rows.orElseGet(() -> mesh().shards()), length);
  }

  /**
   * How the model is cut over the devices.
   *
   * @throws InvalidInput if it can't be cut as asked
   */
  ShardingPlan plan() {
    return ShardingPlan.of(
        model.config(), mesh(), OptionalInt.of(size().batchSize()), target.devices());
  }

  /**
   * Refuses what can't be compiled.
   *
   * @throws InvalidInput if the program, the model and the mesh don't go together
   */
  void requirePossible() {
    model.requireSupported();
    program.requireSupported(model, loss);
    if (length % loss.pieces() != 0) {
      throw new InvalidInput(
          "--loss-pieces is %d and --length %d; give pieces that the length is a multiple of"
              .formatted(loss.pieces(), length));
    }
    ShardingPlan.require(model.config(), mesh(), rows, target.devices());
  }

  /**
   * The cases that {@code --compare} asks for, the first to compare the others with.
   *
   * @param comparison such as {@code attention=eager,sdpa,blockwise}
   */
  List<CompileCase> compared(String comparison) {
    String[] sides = comparison.split("=", 2);
    if (sides.length < 2) {
      throw new InvalidInput(
          "--compare is %s; give an axis and its values, such as attention=eager,blockwise"
              .formatted(InvalidInput.shown(comparison)));
    }
    Axis axis = Axis.of(sides[0]);
    List<String> values = List.of(sides[1].split(",", -1));
    if (values.size() < 2 || new HashSet<>(values).size() < values.size()) {
      throw new InvalidInput(
          "--compare is %s; give two or more different values"
              .formatted(InvalidInput.shown(comparison)));
    }
    List<CompileCase> cases = new ArrayList<>();
    for (String value : values) cases.add(with(axis, value).named(axis.label() + " " + value));
    return cases;
  }

  /** The program, traced. */
  GraphFunction trace() {
    if (part.isPresent()) return part.get().function();
    return program == ProgramKind.TRAIN
        ? ModelProgram.training(model.model(), size(), loss)
        : program.program().trace(model.model(), size());
  }

  /** State that is none of the program's and lies on the devices while it runs. */
  List<GraphFunction.Input> beside() {
    return part.map(StepPart::beside).orElse(List.of());
  }

  /**
   * The program as compilers and devices get it.
   *
   * @param function what {@link #trace} gave
   * @param exported what it was exported to
   */
  HloModule partitioned(GraphFunction function, HloModule exported) {
    return target.devices() == 1 ? exported : plan().annotate(function, exported);
  }

  /** What the program computes, in a few words. */
  String does() {
    return part.map(one -> "%s, which a step calls %d times".formatted(one.name(), one.calls()))
        .orElseGet(() -> program.program().does());
  }

  /** What is compiled, in a line. */
  String described() {
    return "%s %s, %d x %d tokens, %s%s, for %s%s"
        .formatted(
            model.label(),
            program.label(),
            size().batchSize(),
            length,
            model.described(),
            loss.pieces() == 1 ? "" : ", loss in %d pieces".formatted(loss.pieces()),
            target.described(),
            target.devices() == 1
                ? ""
                : " as mesh "
                    + mesh()
                    + (requestedMesh.isEmpty() ? ", as none was asked for" : ""));
  }

  private static int count(Axis axis, String value) {
    if (value.matches("[0-9]{1,9}") && Integer.parseInt(value) > 0) return Integer.parseInt(value);
    throw new InvalidInput(
        "--%s is %s; give a whole number above 0"
            .formatted(axis.label(), InvalidInput.shown(value)));
  }
}
