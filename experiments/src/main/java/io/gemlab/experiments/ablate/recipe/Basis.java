package io.gemlab.experiments.ablate.recipe;

import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.graph.base.input.NearestName;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * What all arms are trained with the same amount of. The control's steps say how much; the others
 * take as many steps as come to the same.
 */
public enum Basis {
  /** Optimizer steps; the only basis under which an arm may give steps of its own. */
  STEPS("steps"),
  /** Tokens trained on. */
  TOKENS("tokens"),
  /**
   * FLOPs that the architecture asks for, a teacher's forward pass among them: {@link
   * io.gemlab.graph.gemma2.ModelFlops}.
   */
  FLOPS("model FLOPs"),
  /** Time of the steps on this machine, as it was measured before the first run. */
  TIME("time");

  static final List<String> LABELS = Stream.of(values()).map(Basis::label).toList();

  private final String noun;

  Basis(String noun) {
    this.noun = noun;
  }

  /**
   * The one that a recipe calls so.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput that names the nearest one
   */
  static Basis of(String label) {
    int place = LABELS.indexOf(label);
    if (place < 0) throw NearestName.unknown("basis", label, LABELS);
    return values()[place];
  }

  /** What a recipe calls it. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What a report calls it. */
  public String noun() {
    return noun;
  }

  /** What a step of an arm takes of it; empty where that has to be measured. */
  OptionalDouble ofAStep(Arm arm) {
    return switch (this) {
      case STEPS -> OptionalDouble.of(1);
      case TOKENS -> OptionalDouble.of(arm.training().data().tokens());
      case FLOPS -> OptionalDouble.of(arm.flopsAStepWithTeacher());
      case TIME -> OptionalDouble.empty();
    };
  }
}
