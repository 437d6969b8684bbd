/** The embedding table, which both reads tokens and scores them. */
package io.gemlab.ops.embedding;
