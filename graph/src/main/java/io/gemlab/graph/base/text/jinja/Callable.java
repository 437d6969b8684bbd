package io.gemlab.graph.base.text.jinja;

/** A function or a macro of a template. */
@FunctionalInterface
interface Callable {
  Object call(Arguments arguments);
}
