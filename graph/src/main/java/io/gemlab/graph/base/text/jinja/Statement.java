package io.gemlab.graph.base.text.jinja;

import java.util.List;
import java.util.Optional;

/** A part of a template. */
sealed interface Statement {
  /** The line on which it begins, from 1. */
  int line();

  record Text(String text, int line) implements Statement {}

  /** {@code {{ expression }}}. */
  record Output(String expression, int line) implements Statement {}

  /** {@code if}, {@code elif}, {@code else}: the first branch whose condition holds. */
  record If(List<Branch> branches, int line) implements Statement {}

  /**
   * @param condition empty for {@code else}
   */
  record Branch(Optional<String> condition, List<Statement> body, int line) {}

  /**
   * {@code for names in iterable if condition}.
   *
   * @param otherwise its {@code else}: what is done if there was no iteration
   */
  record For(
      List<String> names,
      String iterable,
      Optional<String> condition,
      List<Statement> body,
      List<Statement> otherwise,
      int line)
      implements Statement {}

  /** {@code set name = expression} or {@code set namespace.name = expression}. */
  record Set(Target target, String expression, int line) implements Statement {}

  /** {@code set name} ... {@code endset}. */
  record SetBlock(Target target, List<Statement> body, int line) implements Statement {}

  /**
   * @param namespace the namespace's name, if it is an attribute of one that is set
   */
  record Target(Optional<String> namespace, String name) {}

  record Macro(String name, List<Parameter> parameters, List<Statement> body, int line)
      implements Statement {}

  /**
   * @param preset the expression of its value where none is given
   */
  record Parameter(String name, Optional<String> preset) {}

  /** {@code generation}: what the model says, which only training marks; a scope of its own. */
  record Generation(List<Statement> body, int line) implements Statement {}

  /** {@code break} or {@code continue}. */
  record Jump(boolean ends, int line) implements Statement {}
}
