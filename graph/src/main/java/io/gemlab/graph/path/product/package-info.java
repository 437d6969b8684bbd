/**
 * Which kernel computes each matrix product of a session: the candidates, a short timing of them
 * for the shapes that occur, where timings are kept, and what a run chose. A product is known by
 * its shape alone; {@code path.session} asks for a choice and runs it.
 */
package io.gemlab.graph.path.product;
