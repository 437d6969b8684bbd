package io.gemlab.experiments.distill;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.Kind;
import io.gemlab.experiments.recipe.Values;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.train.Distillation;
import io.gemlab.ops.loss.Temperature;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Offline distillation: the file of what a teacher said, and what is made of it.
 *
 * @param file that {@code gemlab teacher} wrote
 * @param loss of what it says
 * @param allowed traits in which teacher and student may differ
 */
public record TeacherSpec(Path file, Distillation loss, List<String> allowed) {
  public static final Key<String> TEACHER =
      Key.of(
              "teacher",
              Kind.TEXT,
              Values.ANY,
              "Offline: a file that `gemlab teacher` wrote of this recipe's data, with the teacher's"
                  + " probabilities at every position.")
          .orNull();
  private static final Key<Double> TEMPERATURE =
      Key.of(
          "temperature",
          Kind.NUMBER,
          Values.POSITIVE,
          "What the loss divides both models' logits by, behind their caps; a `teacher` file was"
              + " made with it.");
  private static final Key<Boolean> TIMES_SQUARE =
      Key.of(
          "times_temperature_squared",
          Kind.FLAG,
          Values.ANY,
          "Whether the divergence is multiplied by the temperature squared, so that its gradient is"
              + " as large at every temperature.");
  private static final Key<Double> CE_WEIGHT =
      Key.of(
          "ce_weight",
          Kind.NUMBER,
          Values.fromTo(0, 1),
          "With a teacher, the loss of a position is this times the cross-entropy of the next token,"
              + " and 1 less this times the divergence; a step's is divided by its scored tokens.");
  private static final Key<List<String>> ALLOW =
      Key.of(
          "allow_differences",
          Kind.TEXTS,
          new Values.OneOf(ModelTraits.MAY_DIFFER, ""),
          "Keys of the config in which teacher and student may differ, each computing with its"
              + " own.");

  /** What {@link #loss(Fields)} reads. */
  public static final List<Key<?>> LOSS_KEYS = List.of(TEMPERATURE, TIMES_SQUARE, CE_WEIGHT);

  /** What {@link #allowed(Fields)} reads. */
  public static final List<Key<?>> TRAIT_KEYS = List.of(ALLOW);

  public TeacherSpec {
    allowed = List.copyOf(allowed);
  }

  /**
   * Reads the keys.
   *
   * @return empty where there is no teacher
   * @throws InvalidInput if a value can't be
   */
  public static Optional<TeacherSpec> of(Fields fields) {
    Distillation loss = loss(fields);
    List<String> allowed = allowed(fields);
    return fields.has(TEACHER.name())
        ? Optional.of(new TeacherSpec(Path.of(fields.get(TEACHER)), loss, allowed))
        : Optional.empty();
  }

  /**
   * What is made of what a teacher says.
   *
   * @throws InvalidInput if a value can't be
   */
  public static Distillation loss(Fields fields) {
    try {
      return new Distillation(
          new Temperature(fields.get(TEMPERATURE)),
          fields.get(TIMES_SQUARE),
          fields.get(CE_WEIGHT));
    } catch (IllegalArgumentException e) {
      throw new InvalidInput(e.getMessage(), e);
    }
  }

  /**
   * Traits in which teacher and student may differ.
   *
   * @throws InvalidInput if it names another
   */
  public static List<String> allowed(Fields fields) {
    List<String> allowed = fields.get(ALLOW);
    for (String name : allowed) {
      if (!ModelTraits.MAY_DIFFER.contains(name)) {
        throw NearestName.unknown(ALLOW.name(), name, ModelTraits.MAY_DIFFER);
      }
    }
    return allowed;
  }

  /**
   * Opens the file.
   *
   * @param student the traits of what is trained
   * @throws InvalidInput if it can't be read, or the student can't learn of this teacher
   */
  public TeacherFile open(ModelTraits student) {
    TeacherFile opened = TeacherFile.open(file);
    try {
      opened.header().traits().requireSame("the teacher of " + file, student, allowed);
      if (opened.header().temperature() != loss.temperature().value()) {
        throw new InvalidInput(
            "%s was made at temperature %s and the recipe's is %s; give that one, or make the file with --temperature %3$s"
                .formatted(file, opened.header().temperature(), loss.temperature().value()));
      }
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** How it is learnt of, for a record; which file that is, a hash tells. */
  public ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put(TEMPERATURE.name(), loss.temperature().value())
        .put(TIMES_SQUARE.name(), loss.timesSquare())
        .put(CE_WEIGHT.name(), loss.crossEntropyWeight());
  }
}
