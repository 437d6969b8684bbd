/**
 * From a traced function to its HLO, before any optimization, in a child process: TensorFlow writes
 * programs to a file only where a flag was set as the process began.
 */
package io.gemlab.tpu.hlo.export;
