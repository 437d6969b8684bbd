package io.gemlab.graph.text;

/**
 * A piece of a corpus: a document, or a part of one that is too long to be held whole.
 *
 * @param text the piece; the pieces of a document, joined, are the document
 * @param startsDocument whether a document starts with it
 * @param endsDocument whether a document ends with it
 */
public record Passage(String text, boolean startsDocument, boolean endsDocument) {}
