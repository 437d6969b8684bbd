/**
 * What a program costs: FLOPs, bytes, memory alive at once, collectives, each by part of the model,
 * beside a chip's rates; and how two programs differ.
 */
package io.gemlab.tpu.hlo.cost;
