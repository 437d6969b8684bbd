package io.gemlab.reports.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.Quantity;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockTest {
  private static final List<Column> COLUMNS =
      List.of(Column.text("arm"), Column.number(Quantity.of("pairs")));

  @Test
  void rowsHaveACellForEachColumn() {
    var thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Block.Table("t", COLUMNS, List.of(List.of(Cell.text("a")))));
    assertTrue(thrown.getMessage().contains("row 1 has 1 cells for 2 columns"));
    assertThrows(IllegalArgumentException.class, () -> new Block.Table("t", List.of(), List.of()));
  }

  @Test
  void cellsAreOfTheirColumnsKind() {
    var thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Block.Table("t", COLUMNS, List.of(List.of(Cell.text("a"), Cell.text("b")))));
    assertTrue(thrown.getMessage().contains("NUMBER column pairs"), thrown.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Cell.pValue(1.1));
  }

  @Test
  void aReportOpensWithQuestionAndAnswer() {
    assertThrows(
        IllegalArgumentException.class, () -> new Report("t", "q", " ", "", List.of(), List.of()));
    assertThrows(IllegalArgumentException.class, () -> new Report.Section("", List.of()));
    assertThrows(IllegalArgumentException.class, () -> new Block.Code("a b", ""));
  }

  @Test
  void anchorsAreReadableAndUnique() {
    Anchors anchors = new Anchors();
    assertEquals("what-really-ran", anchors.of("What really ran?"));
    assertEquals("what-really-ran-2", anchors.of("what really ran"));
    assertEquals("section", anchors.of("注意"));
    assertEquals("section-2", anchors.of("!"));
  }
}
