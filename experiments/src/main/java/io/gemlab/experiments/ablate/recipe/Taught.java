package io.gemlab.experiments.ablate.recipe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.distill.ModelTraits;
import io.gemlab.experiments.distill.TeacherFile;
import io.gemlab.experiments.distill.TeacherSpec;
import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.Kind;
import io.gemlab.experiments.recipe.Values;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An arm that learns of what a teacher said of its text.
 *
 * @param teacher the file, and what is made of it
 * @param flopsAToken what the teacher's forward pass counts for, where arms are trained for equal
 *     FLOPs
 */
public record Taught(TeacherSpec teacher, double flopsAToken) {
  private static final Key<Double> FLOPS =
      Key.of(
              "teacher_flops",
              Kind.NUMBER,
              Values.atLeast(0),
              "FLOPs a token",
              "What the teacher's forward pass counts for beside the arm's own, in the report and under"
                  + " `basis: flops`; 0 where others have paid for it.")
          .orNull();

  /** What {@link #of} reads. */
  static final List<Key<?>> KEYS =
      Stream.of(
              List.of(TeacherSpec.TEACHER),
              TeacherSpec.LOSS_KEYS,
              TeacherSpec.TRAIT_KEYS,
              List.of(FLOPS))
          .<Key<?>>flatMap(List::stream)
          .toList();

  /**
   * Reads the keys.
   *
   * @return empty where there is no teacher
   * @throws InvalidInput if a value can't be
   */
  static Optional<Taught> of(Fields fields) {
    double flops = fields.has(FLOPS.name()) ? fields.get(FLOPS) : 0;
    if (!(flops >= 0)) {
      throw new InvalidInput("teacher_flops is %s; give 0 or more".formatted(flops));
    }
    return TeacherSpec.of(fields).map(teacher -> new Taught(teacher, flops));
  }

  /**
   * Puts down what a teacher's forward pass takes, as its file says, where keys name a teacher and
   * don't say it: so a report needs no such file.
   *
   * @param training keys of {@code training}, the recipe's or an arm's
   * @throws InvalidInput if the file can't be read
   */
  static void layFlops(ObjectNode training) {
    String teacher = TeacherSpec.TEACHER.name();
    if (!training.path(teacher).isTextual() || training.hasNonNull(FLOPS.name())) return;
    try (TeacherFile file = TeacherFile.open(Path.of(training.path(teacher).textValue()))) {
      training.put(FLOPS.name(), file.header().flopsAToken());
    }
  }

  /**
   * Opens the teacher's file for a student.
   *
   * @throws InvalidInput if it can't be read, or such a student can't learn of it
   */
  public TeacherFile open(Gemma2Config student, DataSpec data) {
    return teacher.open(ModelTraits.of(student, data.tokenizerContentSha256()));
  }
}
