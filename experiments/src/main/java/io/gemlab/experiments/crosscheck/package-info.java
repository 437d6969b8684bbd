/** What lets anyone check our numbers against another framework: logits, gradients and steps. */
package io.gemlab.experiments.crosscheck;
