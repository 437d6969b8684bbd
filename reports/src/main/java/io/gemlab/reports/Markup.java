package io.gemlab.reports;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A piece of HTML or SVG: an element with attributes and children, or text. Text and attribute
 * values are escaped when they are written and nowhere else, so that no caller can forget to. What
 * comes out reads the same to an HTML parser and to an XML parser.
 */
public sealed interface Markup {

  /** An element; {@link #with} and {@link #add} return a copy. */
  record Element(String name, List<Attribute> attributes, List<Markup> children) implements Markup {
    public Element {
      attributes = List.copyOf(attributes);
      children = List.copyOf(children);
    }

    /** This element with one attribute more. */
    public Element with(String attribute, String value) {
      List<Attribute> more = new ArrayList<>(attributes);
      more.add(new Attribute(attribute, value));
      return new Element(name, more, children);
    }

    /** This element with more children after its present ones. */
    public Element add(List<? extends Markup> more) {
      List<Markup> all = new ArrayList<>(children);
      all.addAll(more);
      return new Element(name, attributes, all);
    }

    /** This element with more children after its present ones. */
    public Element add(Markup... more) {
      return add(List.of(more));
    }

    /** This element with text after its present children. */
    public Element text(String text) {
      return add(new Text(text));
    }
  }

  /** Text, as the reader sees it. */
  record Text(String text) implements Markup {}

  /** Text that is written as it is: a style sheet of ours, never anything from outside. */
  record Verbatim(String text) implements Markup {
    /** The text of a file that lies beside a class in the program. */
    public static Verbatim resource(Class<?> beside, String name) {
      try (InputStream file = beside.getResourceAsStream(name)) {
        return new Verbatim(new String(file.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(name + ", a part of this program, can't be read", e);
      }
    }
  }

  /** One attribute of an element. */
  record Attribute(String name, String value) {}

  /** An element without attributes and children. */
  static Element element(String name) {
    return new Element(name, List.of(), List.of());
  }

  /** This piece as markup. */
  default String render() {
    StringBuilder out = new StringBuilder();
    MarkupWriter.write(this, out);
    return out.toString();
  }

  /** Text with every character that markup gives a meaning, or that XML forbids, replaced. */
  static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(character -> MarkupWriter.escape(character, out));
    return out.toString();
  }
}
