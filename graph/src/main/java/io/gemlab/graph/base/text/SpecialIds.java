package io.gemlab.graph.base.text;

import java.util.OptionalInt;

/**
 * The ids of a tokenizer's special tokens, each where it has one. Gemma 2's are pad 0, eos 1, bos
 * 2, unk 3.
 *
 * @param pad fills a batch's short rows
 * @param eos ends a text
 * @param bos begins a text
 * @param unk stands for what can't be spelled; never used by a tokenizer with byte fallback
 */
public record SpecialIds(OptionalInt pad, OptionalInt eos, OptionalInt bos, OptionalInt unk) {}
