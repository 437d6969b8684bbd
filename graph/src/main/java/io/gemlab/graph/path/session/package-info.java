/**
 * The paths that run in a session: the graph as it is, clusters of it compiled by XLA around
 * oneDNN's products, or the whole as one XLA program. A {@code SessionBody} is how each rewrites
 * the traced function.
 */
package io.gemlab.graph.path.session;
