/**
 * Where the plugins of TPUs, GPUs and the CPU are on this machine: named by a flag or the
 * environment, or in an installed Python package.
 */
package io.gemlab.tpu.pjrt.plugin;
