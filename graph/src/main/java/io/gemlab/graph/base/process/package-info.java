/**
 * Processes: another JVM of ours, and the memory of this one. Knows no TensorFlow, so that
 * compilers and measurements share it.
 */
package io.gemlab.graph.base.process;
