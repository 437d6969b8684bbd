package io.gemlab.reports.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.statistics.Confidence;
import io.gemlab.reports.statistics.Interval;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonReportTest {
  @Test
  void carriesEveryPointOfACurve() throws JsonProcessingException {
    JsonNode chart = read(ExampleReport.report()).at("/sections/0/blocks/1/chart");
    assertEquals("line", chart.get("type").asText());
    assertEquals("nats/token", chart.at("/y/unit").asText());
    assertEquals("log", chart.at("/x/spacing").asText());
    JsonNode series = chart.at("/series/0");
    assertEquals(400, series.get("x").size());
    assertEquals(400, series.get("high").size());
    assertTrue(series.at("/y/17").isDouble());
    assertEquals(2.4574, chart.at("/references/0/y").asDouble());
  }

  @Test
  void carriesNumbersNotText() throws JsonProcessingException {
    Interval interval = new Interval(1.25, 1.75, Confidence.NINETY_FIVE);
    Block.Table table =
        new Block.Table(
            "t",
            List.of(
                Column.text("arm"),
                Column.number(new Quantity("time", "ms")),
                Column.estimate(Quantity.of("ratio")),
                Column.pValue("p")),
            List.of(
                List.of(
                    Cell.text("a"),
                    Cell.number(12.345678901234),
                    Cell.estimate(1.5, interval),
                    Cell.pValue(1e-9)),
                List.of(
                    Cell.text("b"),
                    Cell.number(Double.NaN),
                    Cell.missing("refused"),
                    Cell.pValue(1))));
    JsonNode read = read(new Report("t", "q", "a", "", List.of(table), List.of())).at("/summary/0");
    assertEquals("number", read.at("/columns/1/kind").asText());
    assertEquals("ms", read.at("/columns/1/unit").asText());
    assertEquals(12.345678901234, read.at("/rows/0/1").doubleValue());
    assertEquals(1.25, read.at("/rows/0/2/low").doubleValue());
    assertEquals(0.95, read.at("/rows/0/2/confidence").doubleValue());
    assertEquals(1e-9, read.at("/rows/0/3").doubleValue());
    assertEquals("NaN", read.at("/rows/1/1").textValue());
    assertEquals("refused", read.at("/rows/1/2/missing").textValue());
  }

  /** Strict JSON, whatever is in it, and the same on every call. */
  @Test
  void isStrictJson() throws JsonProcessingException {
    Random random = new Random(12);
    for (int trial = 0; trial < 50; trial++) {
      Report report = HostileReport.of(random);
      assertEquals(report.title(), read(report).get("title").asText());
      assertEquals(JsonReport.of(report), JsonReport.of(report));
      assertFalse(JsonReport.of(report).contains("\r"));
    }
  }

  private static JsonNode read(Report report) throws JsonProcessingException {
    return new JsonMapper().readTree(JsonReport.of(report));
  }
}
