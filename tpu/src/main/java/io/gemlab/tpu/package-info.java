/**
 * XLA outside TensorFlow: programs of the model exported as HLO, analysed, partitioned, compiled by
 * any PJRT plugin and run on its devices. The module is named after its first target; it serves
 * TPUs, NVIDIA GPUs and XLA's CPU plugin alike.
 *
 * <p>{@code hlo} exports and analyses programs, {@code mesh} partitions them, {@code pjrt} speaks
 * to plugins, {@code device} runs programs over state that stays on a device, {@code path} makes an
 * execution path of that, and {@code bundle} runs a compiled program without TensorFlow. Tracing
 * the model is in {@code graph}, reports of what a compiler said in {@code experiments.compile}.
 */
package io.gemlab.tpu;
