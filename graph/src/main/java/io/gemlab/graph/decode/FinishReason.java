package io.gemlab.graph.decode;

/** Why a row got no more tokens. */
public enum FinishReason {
  /** A token that ends rows came, such as EOS. */
  STOP_TOKEN("stop_token"),
  /** A stop string came. */
  STOP_STRING("stop_string"),
  /** It has as many new tokens as were asked for. */
  LENGTH("length"),
  /** The model's context is full. */
  CONTEXT("context"),
  /** Somebody cancelled it. */
  CANCELLED("cancelled");

  private final String label;

  FinishReason(String label) {
    this.label = label;
  }

  /** The word for it in files. */
  public String label() {
    return label;
  }
}
