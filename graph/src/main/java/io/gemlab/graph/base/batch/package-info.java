/**
 * Rows of tokens as the model takes them, with positions and labels, and the file that they are
 * read from. How a text is cut into rows is in {@code base.text}.
 */
package io.gemlab.graph.base.batch;
