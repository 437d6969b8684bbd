package io.gemlab.graph.generate;

/** Why a row got no more tokens. */
public enum FinishReason {
  /** A token that ends rows came, such as EOS. */
  STOP_TOKEN,
  /** A stop string came. */
  STOP_STRING,
  /** It has as many new tokens as were asked for. */
  LENGTH,
  /** The model's context is full. */
  CONTEXT,
  /** Somebody cancelled it. */
  CANCELLED
}
