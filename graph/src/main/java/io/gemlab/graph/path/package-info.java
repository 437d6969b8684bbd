/**
 * How a traced function is run: node by node, in a session, clustered, or compiled whole.
 *
 * <p>Every path runs the same {@code GraphFunction}; none knows the model. An {@code Executable}
 * holds the state of the functions loaded together and reports what really ran.
 */
package io.gemlab.graph.path;
