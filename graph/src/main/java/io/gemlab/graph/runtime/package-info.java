/**
 * TensorFlow's native library as a process has it: what must be set before it loads, and the bridge
 * between its tensors and the host's.
 */
package io.gemlab.graph.runtime;
