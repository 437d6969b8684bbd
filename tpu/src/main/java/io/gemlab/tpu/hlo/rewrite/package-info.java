/** Programs changed before they are compiled: for a partitioner, or for full precision. */
package io.gemlab.tpu.hlo.rewrite;
