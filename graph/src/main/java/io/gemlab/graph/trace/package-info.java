/**
 * Tracing: from operands to a {@code GraphFunction}, the one form that every path runs.
 *
 * <p>A function has named inputs, of which some are state that somebody keeps between calls, and
 * named outputs, of which some are the state's next values. It is pure: a GraphDef without
 * variables.
 */
package io.gemlab.graph.trace;
