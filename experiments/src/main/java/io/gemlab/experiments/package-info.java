/** experiments. */
package io.gemlab.experiments;
