/**
 * PJRT's C interface from Java: plugins of TPUs and GPUs, loaded and called through the foreign
 * function interface, with no native code of our own.
 *
 * <p>Ahead of time, a {@code PjrtTopology} stands for devices that need not be there. Where a
 * device is attached, a {@code PjrtClient} has buffers and executables on it. {@code PjrtLayout} is
 * the only place that knows C structs, {@code NativeCalls} the only one that calls native
 * functions.
 *
 * <p>Knows no TensorFlow, so that it runs on a machine that has only Java and a plugin.
 */
package io.gemlab.tpu.pjrt;
