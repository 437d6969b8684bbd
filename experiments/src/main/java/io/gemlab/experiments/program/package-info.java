/** A model's programs, and one way to time them: a cell in a process of its own. */
package io.gemlab.experiments.program;
