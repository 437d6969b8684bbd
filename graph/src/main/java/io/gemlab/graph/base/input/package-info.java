/**
 * What people give, and what is said where it is wrong: one line that names the place, the value
 * seen and the remedy; JSON and YAML read with messages of our own; the nearest of the known names.
 */
package io.gemlab.graph.base.input;
