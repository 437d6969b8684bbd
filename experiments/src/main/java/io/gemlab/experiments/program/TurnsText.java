package io.gemlab.experiments.program;

import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Block.Notice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * What a report says of the turns in which times were measured.
 *
 * @param turns by what a reader knows the times by
 */
public record TurnsText(Map<String, Turns> turns) {
  public TurnsText {
    turns = new LinkedHashMap<>(turns);
  }

  /** Whether there were any. */
  public boolean any() {
    return turns.values().stream().anyMatch(all -> !all.all().isEmpty());
  }

  /** Warns where times were disturbed. */
  public List<Block> notices() {
    List<String> disturbed = new ArrayList<>();
    turns.forEach(
        (name, all) ->
            all.disturbance().ifPresent(reason -> disturbed.add(name + " (" + reason + ")")));
    if (disturbed.isEmpty()) return List.of();
    return List.of(
        new Notice(
            Notice.Kind.WARNING,
            Block.Paragraph.of(
                "This machine was not quiet, so these times are too long, scatter, and are not"
                    + " compared: "
                    + String.join("; ", disturbed)
                    + ".")));
  }

  /** How the times were measured; empty where nothing says. */
  public String method() {
    if (!any()) return "";
    int taken = count(all -> all.all().size());
    StringBuilder text = new StringBuilder("What is compared took turns, a round of one turn each");
    text.append(" after another, ");
    int fresh = count(Turns::fresh);
    if (fresh == 0) text.append("in processes that waited between their turns.");
    else if (fresh == taken) text.append("each turn in a process of its own.");
    else text.append("%d of %d turns in a process of their own.".formatted(fresh, taken));
    if (turns.values().stream().noneMatch(Turns::watched)) {
      return text + " The system does not tell what else the machine did meanwhile.";
    }
    int disturbed = count(Turns::disturbed);
    return text
        + (disturbed == 0
            ? " None of %d turns was disturbed".formatted(taken)
            : " %d of %d turns were disturbed, those measured again counted"
                .formatted(disturbed, taken))
        + " (other processes had more than %.0f %% of the cores, or the host withheld more than %.0f %%)."
            .formatted(100 * ProcessorWatch.OTHERS_LIMIT, 100 * ProcessorWatch.STOLEN_LIMIT);
  }

  private int count(ToIntFunction<Turns> of) {
    return turns.values().stream().mapToInt(of).sum();
  }
}
