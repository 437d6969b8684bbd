package io.gemlab.graph.base.text;

/**
 * A piece of a corpus: a document, or a part of one that is too long to be held whole. The pieces
 * of a document follow each other and, joined, are the document.
 */
public record Passage(String text, Part part) {
  /** Which part of its document a passage is. */
  public enum Part {
    WHOLE,
    FIRST,
    MIDDLE,
    LAST
  }

  public boolean startsDocument() {
    return part == Part.WHOLE || part == Part.FIRST;
  }

  public boolean endsDocument() {
    return part == Part.WHOLE || part == Part.LAST;
  }
}
