package io.gemlab.reports.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.Quantity;
import io.gemlab.reports.Xml;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class HtmlReportTest {
  private static final String PAGE = HtmlReport.of(ExampleReport.report());

  @Test
  void opensWithTheQuestionAndTheAnswer() {
    List<Element> paragraphs = Xml.elements(Xml.parse(PAGE), "p");
    assertEquals("byline", paragraphs.get(0).getAttribute("class"));
    assertTrue(paragraphs.get(1).getTextContent().startsWith("What do softcap"));
    assertTrue(paragraphs.get(2).getTextContent().startsWith("Blockwise attention learns"));
  }

  @Test
  void needsNothingElse() {
    Document page = Xml.parse(PAGE);
    for (Element element : Xml.elements(page, "*")) {
      assertFalse(element.hasAttribute("src"), element.getTagName());
      assertFalse(
          Set.of("script", "link", "img", "iframe", "object").contains(element.getTagName()));
      String target = element.getAttribute("href");
      assertTrue(target.isEmpty() || target.startsWith("#"), target);
    }
    assertFalse(PAGE.contains("url("));
    assertFalse(PAGE.contains("@import"));
    assertTrue(PAGE.contains("default-src &#39;none&#39;"));
  }

  @Test
  void linksAndLabelsLeadSomewhere() {
    assertSoundIds(Xml.parse(PAGE));
  }

  @Test
  void headingsDoNotTakeTheIdsOfOthers() {
    List<Report.Section> sections =
        List.of(
            new Report.Section("Contents", List.of()),
            new Report.Section("Figure 1", List.of()),
            new Report.Section("figure_1", List.of()));
    Report example = ExampleReport.report();
    Report report = new Report("t", "q", "a", "", example.sections().getFirst().blocks(), sections);
    assertSoundIds(Xml.parse(HtmlReport.of(report)));
  }

  @Test
  void equalReportsGiveEqualBytes() {
    assertEquals(PAGE, HtmlReport.of(ExampleReport.report()));
  }

  @Test
  void figuresAndTablesAreNumbered() {
    List<String> captions =
        Xml.elements(Xml.parse(PAGE), "figcaption").stream().map(Element::getTextContent).toList();
    assertTrue(captions.get(0).startsWith("Table 1. "), captions.get(0));
    assertTrue(captions.get(1).startsWith("Figure 1. "), captions.get(1));
    assertTrue(captions.get(2).startsWith("Figure 2. "), captions.get(2));
  }

  @Test
  void tablesNameUnitsAndAlignNumbers() {
    Block.Table table =
        new Block.Table(
            "t",
            List.of(Column.text("arm"), Column.number(new Quantity("time", "ms"))),
            List.of(List.of(Cell.text("eager"), Cell.number(12.5))));
    Document page = Xml.parse(HtmlReport.of(report(table)));
    Element heading = Xml.elements(page, "th").get(1);
    assertEquals("time ms", heading.getTextContent());
    assertEquals("number", heading.getAttribute("class"));
    Element row = Xml.elements(page, "th").get(2);
    assertEquals("row", row.getAttribute("scope"));
    assertEquals("number", Xml.elements(page, "td").getFirst().getAttribute("class"));
  }

  @Test
  void nothingHostileGetsThrough() {
    Random random = new Random(9);
    for (int trial = 0; trial < 50; trial++) {
      Document page = Xml.parse(HtmlReport.of(HostileReport.of(random)));
      assertTrue(Xml.elements(page, "script").isEmpty());
      assertSoundIds(page);
    }
  }

  private static void assertSoundIds(Document page) {
    Set<String> ids = new HashSet<>();
    for (Element element : Xml.elements(page, "*")) {
      String id = element.getAttribute("id");
      assertTrue(id.isEmpty() || ids.add(id), "twice: " + id);
    }
    for (Element element : Xml.elements(page, "*")) {
      String target = element.getAttribute("href");
      if (target.startsWith("#")) assertTrue(ids.contains(target.substring(1)), target);
      for (String label : element.getAttribute("aria-labelledby").split(" ")) {
        assertTrue(label.isEmpty() || ids.contains(label), label);
      }
    }
  }

  private static Report report(Block block) {
    return new Report("title", "question", "answer", "", List.of(block), List.of());
  }
}
