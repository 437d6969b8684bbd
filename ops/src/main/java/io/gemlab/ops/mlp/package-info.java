/** What stands between a feed-forward layer's projections: gated activations. */
package io.gemlab.ops.mlp;
