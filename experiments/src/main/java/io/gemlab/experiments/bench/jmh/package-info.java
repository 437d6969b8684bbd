/** The ops and the attentions, each by path, under JMH. */
package io.gemlab.experiments.bench.jmh;
