/**
 * Gemma 2's configuration, and Gemma 3's: presets, and Hugging Face's {@code config.json} read and
 * written.
 */
package io.gemlab.graph.gemma2.config;
