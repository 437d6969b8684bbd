package io.gemlab.reports.render;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.IntervalChart;
import io.gemlab.reports.chart.Spacing;
import io.gemlab.reports.statistics.effects.EffectScale;
import io.gemlab.reports.statistics.effects.FactorLevel;
import io.gemlab.reports.statistics.effects.MainEffects;
import io.gemlab.reports.statistics.effects.Observation;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class MainEffectsBlocksTest {
  private static final Quantity TIME = new Quantity("step time", "ms");

  @Test
  void ratiosAreShownAroundOne() {
    IntervalChart chart = chart(EffectScale.RATIO);
    assertEquals(OptionalDouble.of(1), chart.noEffect());
    assertEquals(Spacing.LOG, chart.axis().spacing());
    assertEquals("", chart.axis().quantity().unit());
    assertEquals(
        List.of("path", "seed"),
        chart.groups().stream().map(IntervalChart.Group::heading).toList());
  }

  @Test
  void differencesAreShownAroundZeroInTheirUnit() {
    IntervalChart chart = chart(EffectScale.DIFFERENCE);
    assertEquals(OptionalDouble.of(0), chart.noEffect());
    assertEquals("ms", chart.axis().quantity().unit());
  }

  @Test
  void whyThereAreNoneIsANotice() {
    MainEffects none = MainEffects.of(List.of(), EffectScale.RATIO, NINETY_FIVE);
    Block.Notice notice =
        assertInstanceOf(Block.Notice.class, MainEffectsBlocks.of(TIME, none).getFirst());
    assertTrue(notice.text().spans().getFirst().text().contains("no complete runs"));
  }

  private static IntervalChart chart(EffectScale scale) {
    List<Observation> runs = new ArrayList<>();
    for (String path : List.of("graph", "fused")) {
      for (int seed = 1; seed <= 3; seed++) {
        runs.add(
            new Observation(
                List.of(new FactorLevel("path", path), new FactorLevel("seed", "" + seed)),
                path.length() + 0.1 * seed * seed + 0.01 * runs.size()));
      }
    }
    List<Block> blocks = MainEffectsBlocks.of(TIME, MainEffects.of(runs, scale, NINETY_FIVE));
    return (IntervalChart) ((Block.Figure) blocks.getFirst()).chart();
  }
}
