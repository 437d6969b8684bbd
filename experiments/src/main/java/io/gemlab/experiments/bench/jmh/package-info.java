/**
 * The ops and the attentions by themselves, each by path, under JMH: what a model's time is made
 * of, and what an execution path does to each part.
 */
package io.gemlab.experiments.bench.jmh;
