package io.gemlab.graph.base.cluster;

/**
 * Why the workers of a cluster can't go on together.
 *
 * @param sentence which of them is lost, and what there is to say besides
 * @param own whether it is this one, which hangs
 */
public record Loss(String sentence, boolean own) {}
