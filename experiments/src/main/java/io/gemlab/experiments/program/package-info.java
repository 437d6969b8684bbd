/**
 * A model's programs, and one way to time them: cells in processes of their own that take turns,
 * each turn with what else the machine did meanwhile.
 */
package io.gemlab.experiments.program;
