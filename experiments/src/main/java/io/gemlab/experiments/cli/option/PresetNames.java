package io.gemlab.experiments.cli.option;

import io.gemlab.graph.gemma2.config.Gemma2Presets;
import java.util.Iterator;

/** The presets, for a flag's help. */
public final class PresetNames implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return Gemma2Presets.NAMES.iterator();
  }
}
