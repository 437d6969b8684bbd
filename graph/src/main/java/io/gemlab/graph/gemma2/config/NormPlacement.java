package io.gemlab.graph.gemma2.config;

import java.util.Locale;

/** Where a block's norms stand; Gemma 2 has them on both sides. */
public enum NormPlacement {
  /** Before attention and MLP only, as Llama has them. */
  PRE,
  /** After attention and MLP only, before the residual sum, as OLMo 2 has them. */
  POST,
  /** Before and after. */
  BOTH;

  public boolean before() {
    return this != POST;
  }

  public boolean after() {
    return this != PRE;
  }

  /** The word in a recipe. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
