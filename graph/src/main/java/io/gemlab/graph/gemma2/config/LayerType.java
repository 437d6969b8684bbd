package io.gemlab.graph.gemma2.config;

import java.util.Locale;

/** How far a layer's attention sees. */
public enum LayerType {
  /** As far as the window: the token itself and window - 1 before it. */
  SLIDING_ATTENTION,
  /** Everything before it. */
  FULL_ATTENTION;

  /** The word in {@code config.json}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
