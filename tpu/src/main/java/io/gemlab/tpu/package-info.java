/** tpu. */
package io.gemlab.tpu;
