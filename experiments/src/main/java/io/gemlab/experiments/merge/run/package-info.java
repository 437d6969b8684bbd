/**
 * Makes a planned merge: streams the tensors into a folder that appears whole, goes on with one
 * that was stopped, records what it was made of, and checks it against the record.
 */
package io.gemlab.experiments.merge.run;
