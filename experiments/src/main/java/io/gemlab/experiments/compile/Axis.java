package io.gemlab.experiments.compile;

import io.gemlab.graph.base.input.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What {@code --compare} can vary; each is a flag of its own too. */
public enum Axis {
  ATTENTION,
  BLOCK,
  SOFTCAP,
  DTYPE,
  LAYERS,
  REMAT,
  BATCH,
  LENGTH,
  LOSS_PIECES,
  TARGET;

  /** The flag's name, without its dashes. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * @throws io.gemlab.graph.base.input.InvalidInput if there is none of this name
   */
  static Axis of(String label) {
    List<String> known = Arrays.stream(values()).map(Axis::label).toList();
    if (!known.contains(label)) throw NearestName.unknown("--compare: axis", label, known);
    return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
