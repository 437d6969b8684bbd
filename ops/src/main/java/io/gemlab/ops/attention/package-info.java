/**
 * Attention, switchable: one interface, three implementations, and what they have in common.
 *
 * <p>{@code EagerAttention} is the reference; {@code SdpaAttention} computes what fused library
 * kernels compute, and refuses a softcap; {@code BlockwiseAttention} has the cap inside, memory
 * linear in length and a gradient by recomputation. An attention owns its mask: it gets positions,
 * never a ready-made mask that it could lose.
 *
 * <p>Projections and rotary embeddings are the model's business, not this room's.
 */
package io.gemlab.ops.attention;
