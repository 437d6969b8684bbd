package io.gemlab.experiments.cli;

import io.gemlab.graph.gemma2.Gemma2Presets;
import java.util.Iterator;

/** The presets, for a flag's help. */
final class PresetNames implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return Gemma2Presets.NAMES.iterator();
  }
}
