/**
 * {@code gemlab bench --against}: this build and another one, timed in turn on the same machine.
 * Builds are known by their command line alone, whose flags are a contract, so that the other one
 * may be older.
 */
package io.gemlab.experiments.bench.against;
