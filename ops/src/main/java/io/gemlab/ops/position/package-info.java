/** Where a token stands: rotary embeddings, from a positions input and never from constants. */
package io.gemlab.ops.position;
