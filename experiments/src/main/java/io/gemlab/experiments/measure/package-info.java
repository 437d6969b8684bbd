/** Measuring in a process of its own: time, and the memory that a process needed at most. */
package io.gemlab.experiments.measure;
