package io.gemlab.reports.render;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.Quantity;
import io.gemlab.reports.chart.IntervalChart;
import io.gemlab.reports.chart.Value;
import io.gemlab.reports.statistics.paired.ArmSample;
import io.gemlab.reports.statistics.paired.ComparisonFamily;
import io.gemlab.reports.statistics.paired.Margin;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ComparisonBlocksTest {
  private static final Quantity LOSS = new Quantity("validation loss", "nats/token");
  private static final ArmSample CONTROL = arm("softcap", 2.41, 2.42, 2.40);

  @Test
  void eachArmHasAnIntervalAndARow() {
    List<Block> blocks =
        ComparisonBlocks.of(
            LOSS,
            ComparisonFamily.of(
                CONTROL,
                List.of(arm("no cap", 2.45, 2.47, 2.44), arm("one seed", 2.5)),
                NINETY_FIVE,
                Optional.of(new Margin(0.01))));
    IntervalChart chart =
        assertInstanceOf(IntervalChart.class, ((Block.Figure) blocks.get(0)).chart());
    assertEquals("validation loss, arm − softcap (nats/token)", chart.axis().quantity().label());
    assertEquals(Optional.of(new Margin(0.01)), chart.margin());
    assertInstanceOf(Value.Measured.class, chart.groups().getFirst().rows().get(0).effect());
    assertInstanceOf(Value.Missing.class, chart.groups().getFirst().rows().get(1).effect());

    Block.Table table = (Block.Table) blocks.get(1);
    assertTrue(table.caption().contains("within ±0.01"), table.caption());
    assertEquals(Cell.text("different"), table.rows().get(0).get(1));
    assertEquals(Cell.number(3), table.rows().get(0).getLast());
    Cell.Missing why = assertInstanceOf(Cell.Missing.class, table.rows().get(1).get(1));
    assertTrue(why.reason().contains("one seed in common with softcap"), why.reason());
  }

  @Test
  void anArmThatComputedTheSameIsSaidToHave() {
    List<Block> blocks =
        ComparisonBlocks.of(
            LOSS,
            ComparisonFamily.of(
                CONTROL,
                List.of(new ArmSample("all global", CONTROL.bySeed())),
                NINETY_FIVE,
                Optional.empty()));
    assertEquals(1, blocks.size(), "nothing to draw");
    Block.Table table = (Block.Table) blocks.getFirst();
    assertEquals(
        Cell.text("computed the same: every value is equal to the bit"),
        table.rows().getFirst().get(1));
    assertEquals(table.columns().size(), table.rows().getFirst().size());
  }

  @Test
  void withoutAMarginNoEquivalenceIsShown() {
    List<Block> blocks =
        ComparisonBlocks.of(
            LOSS,
            ComparisonFamily.of(
                CONTROL, List.of(arm("no cap", 2.45, 2.47, 2.44)), NINETY_FIVE, Optional.empty()));
    Block.Table table = (Block.Table) blocks.get(1);
    assertEquals(7, table.columns().size());
    assertEquals(7, table.rows().getFirst().size());
  }

  private static ArmSample arm(String name, double... values) {
    SortedMap<Long, Double> bySeed = new TreeMap<>();
    for (int seed = 0; seed < values.length; seed++) bySeed.put((long) seed, values[seed]);
    return new ArmSample(name, bySeed);
  }
}
