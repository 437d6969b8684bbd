/**
 * A device that is attached, the state that is kept on it, and the programs that run there. Knows
 * no TensorFlow.
 */
package io.gemlab.tpu.device;
