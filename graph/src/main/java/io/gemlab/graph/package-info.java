/** graph. */
package io.gemlab.graph;
