package io.gemlab.experiments.compile;

import io.gemlab.graph.InvalidInput;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.TrainingLoss.Batch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * One program for one target.
 *
 * @param name how it differs from others in the same report
 * @param program which of the model's programs
 * @param model of which model
 * @param size its rows and tokens
 * @param target what it is compiled for
 */
record CompileCase(
    String name, ProgramKind program, ModelVariant model, Batch size, Target target) {
  CompileCase {
    if ((long) size.rows() * size.length() > Integer.MAX_VALUE) {
      throw new InvalidInput(
          "--batch %d of --length %d is more tokens than a tensor can index; give fewer"
              .formatted(size.rows(), size.length()));
    }
  }

  /** The same case with one thing set otherwise. */
  CompileCase with(Axis axis, String value) {
    return switch (axis) {
      case ATTENTION -> with(model.withAttention(value));
      case SOFTCAP -> with(model.withSoftcap(value));
      case DTYPE -> with(model.withPrecision(value));
      case LAYERS -> with(model.withLayers(value));
      case REMAT -> with(model.withRemat(value));
      case BATCH -> with(new Batch(count(axis, value), size.length()));
      case LENGTH -> with(new Batch(size.rows(), count(axis, value)));
      case TARGET -> new CompileCase(name, program, model, size, Target.of(value));
    };
  }

  private CompileCase with(ModelVariant other) {
    return new CompileCase(name, program, other, size, target);
  }

  private CompileCase with(Batch other) {
    return new CompileCase(name, program, model, other, target);
  }

  /** The same case with so many rows, and named for them. */
  CompileCase withRows(int rows) {
    return with(new Batch(rows, size.length())).named("batch " + rows);
  }

  private CompileCase named(String other) {
    return new CompileCase(other, program, model, size, target);
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
    return program.trace(model.model(), size.rows(), size.length());
  }

  /** What is compiled, in a line. */
  String described() {
    return "%s %s, %d x %d tokens, %s, for %s"
        .formatted(
            model.label(),
            program.label(),
            size.rows(),
            size.length(),
            model.described(),
            target.name());
  }

  private static int count(Axis axis, String value) {
    if (value.matches("[0-9]{1,9}") && Integer.parseInt(value) > 0) return Integer.parseInt(value);
    throw new InvalidInput(
        "--%s is %s; give a whole number above 0"
            .formatted(axis.label(), InvalidInput.shown(value)));
  }
}
