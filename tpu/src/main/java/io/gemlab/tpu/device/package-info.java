/**
 * A device that is attached, the state that is kept on it, and the programs that run there; or
 * several as one, also those of several hosts. Knows no TensorFlow.
 */
package io.gemlab.tpu.device;
