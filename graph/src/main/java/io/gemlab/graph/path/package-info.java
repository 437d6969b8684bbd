/**
 * How a traced function is run. {@code ExecutionPath} loads functions into an {@code Executable},
 * which holds their state and reports what really ran. {@code eager} runs node by node, {@code
 * session} in a session: on the graph, clustered, or compiled whole.
 *
 * <p>Every path runs the same {@code GraphFunction}; none knows the model.
 */
package io.gemlab.graph.path;
