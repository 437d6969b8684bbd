/**
 * Jinja templates as Hugging Face's chat templates and lm-evaluation-harness's tasks use them,
 * rendered as Jinja2 renders them.
 *
 * <p>Jinjava parses and evaluates the expressions. Blocks, white space and scopes are done here, as
 * are operators, filters, tests and methods: Jinjava's differ from Jinja2's where nobody sees it (a
 * {@code set} in a loop outlives its iteration, {@code not a == b} is {@code (not a) == b}, an
 * undefined value added to a text is "null", the text "false" is false, white space before a block
 * goes also in the middle of a line). What is not known here is refused, never rendered otherwise.
 * A template reaches no Java class: values are texts, numbers, booleans, lists and maps.
 */
package io.gemlab.graph.base.text.jinja;
