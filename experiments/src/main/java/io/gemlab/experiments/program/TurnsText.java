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
                "This machine was not quiet while times were measured. They are too long, scatter, and"
                    + " are not compared: "
                    + (disturbed.size() == turns.size()
                        ? "all %d of them, such as %s".formatted(turns.size(), disturbed.getFirst())
                        : String.join("; ", disturbed))
                    + ".")));
  }

  /** How the times were measured; empty where nothing says. */
  public String method() {
    if (!any()) return "";
    int taken = count(all -> all.all().size());
    int fresh = count(Turns::fresh);
    String processes =
        fresh == 0
            ? "in processes that waited between their turns."
            : "%d of %d turns in a process started for it.".formatted(fresh, taken);
    return "What is compared took turns, in each round one after the other, "
        + processes
        + " "
        + disturbed(taken);
  }

  private String disturbed(int taken) {
    if (turns.values().stream().noneMatch(Turns::watched)) {
      return "The system does not tell what else the machine did meanwhile.";
    }
    return "Of %d turns, %d were disturbed: other processes had more than %.0f %% of the cores, or the host gave more than %.0f %% to others. Such a turn was taken again, up to a limit."
        .formatted(
            taken,
            count(Turns::disturbed),
            100 * ProcessorWatch.OTHERS_LIMIT,
            100 * ProcessorWatch.STOLEN_LIMIT);
  }

  private int count(ToIntFunction<Turns> of) {
    return turns.values().stream().mapToInt(of).sum();
  }
}
