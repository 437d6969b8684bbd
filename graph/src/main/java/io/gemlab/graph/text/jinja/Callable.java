package io.gemlab.graph.text.jinja;

/** A function or a macro of a template. */
@FunctionalInterface
interface Callable {
  Object call(Arguments arguments);
}
