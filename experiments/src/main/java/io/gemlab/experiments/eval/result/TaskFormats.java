package io.gemlab.experiments.eval.result;

import io.gemlab.experiments.eval.metric.Measured;
import io.gemlab.experiments.eval.metric.Metric;
import io.gemlab.experiments.eval.task.PromptFormat;
import io.gemlab.reports.statistics.items.Aggregate;
import io.gemlab.reports.statistics.items.FormatSpread;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A task's items, asked in several formats.
 *
 * @param task its name
 * @param fields names that are written otherwise
 * @param formats two or more
 * @param items the same ones in each format
 */
public record TaskFormats(
    String task, Set<String> fields, List<PromptFormat> formats, List<List<ItemResult>> items) {

  /**
   * How much each score depends on the format: those that are means, of which every item has a
   * value. Empty for a single item.
   */
  public Map<Metric, FormatSpread> spreads() {
    Map<Metric, FormatSpread> spreads = new LinkedHashMap<>();
    List<ItemResult> own = items.getFirst();
    if (own.size() < 2) return spreads;
    for (Metric metric : own.getFirst().judged().metrics().keySet()) {
      boolean everywhere =
          items.stream()
              .flatMap(List::stream)
              .allMatch(item -> item.judged().metrics().containsKey(metric));
      if (metric.aggregate() == Aggregate.MEAN && everywhere) {
        spreads.put(metric, FormatSpread.of(values(metric)));
      }
    }
    return spreads;
  }

  private double[][] values(Metric metric) {
    double[][] values = new double[items.getFirst().size()][items.size()];
    for (int f = 0; f < items.size(); f++) {
      for (int i = 0; i < values.length; i++) {
        Measured measured = items.get(f).get(i).judged().metrics().get(metric);
        values[i][f] = measured.value();
      }
    }
    return values;
  }
}
