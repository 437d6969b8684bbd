package io.gemlab.reports.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.Xml;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;

/** What every chart must be, whatever its data. */
final class SoundChart {
  private record Box(double left, double top, double right, double bottom, String text) {
    boolean touches(Box other) {
      return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
    }
  }

  private SoundChart() {}

  /**
   * Draws the chart in every layout and checks it: well-formed, described to screen readers, the
   * same again to the byte, all in the picture, no text cut off or over another.
   *
   * @return the wide picture
   */
  static Document check(Chart chart) {
    for (Layout layout : Layout.values()) {
      String svg = chart.svg("id", layout).render();
      assertEquals(svg, chart.svg("id", layout).render());
      Document document = Xml.parse(svg);
      assertDescribed(document);
      assertNumbers(document);
      double height = Double.parseDouble(document.getDocumentElement().getAttribute("height"));
      assertInside(document, layout.width(), height);
      assertTextApart(document, layout, height);
    }
    return Xml.parse(chart.svg("id", Layout.WIDE).render());
  }

  /** The texts of a picture, in the order in which they were drawn. */
  static List<String> texts(Document document) {
    return Xml.elements(document, "text").stream().map(Element::getTextContent).toList();
  }

  private static void assertDescribed(Document document) {
    Element svg = document.getDocumentElement();
    assertEquals("img", svg.getAttribute("role"));
    assertEquals("id-title id-desc", svg.getAttribute("aria-labelledby"));
    assertEquals("id-title", Xml.elements(document, "title").getFirst().getAttribute("id"));
    assertFalse(Xml.elements(document, "desc").getFirst().getTextContent().isBlank());
  }

  private static void assertNumbers(Document document) {
    for (Element element : Xml.elements(document, "*")) {
      NamedNodeMap attributes = element.getAttributes();
      for (int i = 0; i < attributes.getLength(); i++) {
        String value = attributes.item(i).getNodeValue();
        assertFalse(value.contains("NaN") || value.contains("Infinity"), value);
      }
    }
  }

  private static void assertInside(Document document, double width, double height) {
    for (Element element : Xml.elements(document, "*")) {
      switch (element.getTagName()) {
        case "line" -> {
          assertPoint(element, "x1", "y1", width, height);
          assertPoint(element, "x2", "y2", width, height);
        }
        case "circle" -> assertPoint(element, "cx", "cy", width, height);
        case "rect" -> {
          assertPoint(element, "x", "y", width, height);
          assertTrue(number(element, "width") >= 0 && number(element, "height") >= 0);
          assertTrue(number(element, "x") + number(element, "width") <= width + 0.01);
        }
        case "path" -> {
          // Marks are small paths around the origin that are moved to their place.
          String points =
              element.hasAttribute("transform")
                  ? element.getAttribute("transform").replaceAll("translate\\((.*)\\)", "$1")
                  : element.getAttribute("d").replaceAll("[MLZ]", " ");
          String[] numbers = points.strip().split("\\s+");
          for (int i = 0; i < numbers.length; i += 2) {
            double x = Double.parseDouble(numbers[i]);
            double y = Double.parseDouble(numbers[i + 1]);
            assertTrue(x >= 0 && x <= width && y >= 0 && y <= height, element.getAttribute("d"));
          }
        }
        default -> {}
      }
    }
  }

  private static void assertPoint(
      Element element, String x, String y, double width, double height) {
    double atX = number(element, x);
    double atY = number(element, y);
    assertTrue(
        atX >= 0 && atX <= width && atY >= 0 && atY <= height,
        element.getTagName() + " at " + atX + " " + atY + " of " + width + " " + height);
  }

  private static void assertTextApart(Document document, Layout layout, double height) {
    List<Box> boxes = new ArrayList<>();
    for (Element text : Xml.elements(document, "text")) {
      if (text.getTextContent().isBlank()) continue;
      Box box = box(text, layout);
      assertTrue(
          box.left >= -0.01 && box.right <= layout.width() + 0.01,
          "cut off in " + layout + ": " + box);
      assertTrue(box.top >= -0.01 && box.bottom <= height, "cut off in " + layout + ": " + box);
      for (Box other : boxes) {
        assertFalse(box.touches(other), layout + ": " + box + " touches " + other);
      }
      boxes.add(box);
    }
  }

  private static Box box(Element text, Layout layout) {
    double width = Lettering.width(text.getTextContent(), layout.fontSize());
    double x = number(text, "x");
    double left =
        switch (text.getAttribute("text-anchor")) {
          case "middle" -> x - width / 2;
          case "end" -> x - width;
          default -> x;
        };
    assertTrue(Set.of("", "middle", "end").contains(text.getAttribute("text-anchor")));
    double baseline = number(text, "y");
    return new Box(
        left,
        baseline - 0.85 * layout.fontSize(),
        left + width,
        baseline + 0.2 * layout.fontSize(),
        text.getTextContent());
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }
}
