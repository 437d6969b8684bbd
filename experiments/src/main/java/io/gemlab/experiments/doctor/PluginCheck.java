package io.gemlab.experiments.doctor;

import io.gemlab.tpu.pjrt.plugin.PluginFinder;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import io.gemlab.tpu.pjrt.plugin.PluginSearch;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A PJRT plugin, which compiling for a TPU or a GPU needs; it is found, not loaded. */
final class PluginCheck {
  private PluginCheck() {}

  static Check examine(PluginKind kind, Map<String, String> environment) {
    return of(new PluginFinder(environment).find(kind, Optional.empty()));
  }

  static Check of(PluginSearch search) {
    String subject = search.kind() + " plugin";
    return search
        .found()
        .map(file -> Check.ok(subject, List.of(file.toString())))
        .orElseGet(
            () ->
                Check.limited(
                    subject,
                    List.of(
                        "not found in "
                            + search.lookedAt().size()
                            + " places; only gemlab compile and pjrt: paths need it"),
                    search.kind().remedy()));
  }
}
