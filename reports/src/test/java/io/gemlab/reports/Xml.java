package io.gemlab.reports;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.helpers.DefaultHandler;

/** Reads markup back with the JDK's XML parser, which refuses what is not well-formed. */
public final class Xml {
  private static final DocumentBuilderFactory FACTORY = DocumentBuilderFactory.newInstance();

  private Xml() {}

  public static Document parse(String markup) {
    try {
      DocumentBuilder builder = FACTORY.newDocumentBuilder();
      builder.setErrorHandler(new DefaultHandler());
      return builder.parse(new InputSource(new StringReader(markup)));
    } catch (Exception e) {
      throw new AssertionError("not well-formed: " + e.getMessage() + "\n" + markup, e);
    }
  }

  /** All elements of a name, {@code *} for all names, in document order. */
  public static List<Element> elements(Document document, String name) {
    List<Element> elements = new ArrayList<>();
    collect(document.getDocumentElement(), name, elements);
    return elements;
  }

  private static void collect(Element element, String name, List<Element> elements) {
    if (name.equals("*") || element.getTagName().equals(name)) elements.add(element);
    for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (child instanceof Element inner) collect(inner, name, elements);
    }
  }
}
