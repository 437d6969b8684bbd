/**
 * Low-rank adapters (LoRA) as files: PEFT's format, read and written, and merged into a checkpoint.
 */
package io.gemlab.graph.base.adapter;
