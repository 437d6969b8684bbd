/** Traced functions on a device that is attached, through its plugin: one more execution path. */
package io.gemlab.tpu.path;
