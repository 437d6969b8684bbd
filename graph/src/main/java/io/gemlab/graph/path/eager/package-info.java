/** A traced function node by node, with a result after each; the path to debug on. */
package io.gemlab.graph.path.eager;
