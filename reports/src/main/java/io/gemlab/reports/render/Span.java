package io.gemlab.reports.render;

/** A piece of running text. */
public sealed interface Span {
  /** The words. */
  String text();

  /** As the text around it. */
  record Plain(String text) implements Span {}

  /** A name from the recipe or the program. */
  record Code(String text) implements Span {}

  /** What matters most. */
  record Strong(String text) implements Span {}
}
