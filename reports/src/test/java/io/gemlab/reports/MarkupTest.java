package io.gemlab.reports;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MarkupTest {
  @Test
  void textAndAttributesAreEscaped() {
    String markup =
        Markup.element("p").with("title", "\"a\" & 'b'").text("<script>alert(1)</script>").render();
    assertEquals(
        "<p title=\"&quot;a&quot; &amp; &#39;b&#39;\">&lt;script&gt;alert(1)&lt;/script&gt;</p>",
        markup);
  }

  @Test
  void charactersThatXmlForbidsAreReplaced() {
    assertEquals("a\uFFFDb\uFFFDc\n", Markup.escape("a\u0000b\uD800c\n"));
    assertEquals("𝛽", Markup.escape("𝛽"));
  }

  @Test
  void emptyElementsSuitBothParsers() {
    assertEquals("<path d=\"M0 0\"></path>", Markup.element("path").with("d", "M0 0").render());
    assertEquals("<br/>", Markup.element("br").render());
  }
}
