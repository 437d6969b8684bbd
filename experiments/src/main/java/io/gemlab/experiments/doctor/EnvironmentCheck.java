package io.gemlab.experiments.doctor;

import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the environment holds that other programs want otherwise than Gemlab. */
final class EnvironmentCheck {
  private static final String SUBJECT = "environment";

  /** What {@code ./gemlab} replaced: the locale's name, which may be empty. */
  private static final String LOCALE = "GEMLAB_LOCALE";

  private EnvironmentCheck() {}

  static Check examine() {
    return of(
        System.getenv(),
        Charset.forName(System.getProperty("sun.jnu.encoding")),
        NativeRuntime.ignoredFlags());
  }

  /**
   * @param names what Java reads arguments and file names in
   * @param ignoredFlags a line for each variable whose flags TensorFlow can't take
   */
  static Check of(Map<String, String> environment, Charset names, List<String> ignoredFlags) {
    List<String> found = new ArrayList<>();
    String locale = environment.get(LOCALE);
    if (locale != null) {
      found.add(
          (locale.isEmpty() ? "no locale is set" : "the locale " + locale + " is ASCII or missing")
              + "; Gemlab runs in "
              + environment.get("LC_ALL"));
    }
    found.addAll(ignoredFlags);
    for (String variable : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")) {
      String options = environment.get(variable);
      if (options != null && !options.isBlank()) {
        found.add(variable + ": Java runs with " + options.strip());
      }
    }
    for (PluginKind kind : PluginKind.values()) {
      kind.variable()
          .filter(variable -> environment.getOrDefault(variable, "-").isBlank())
          .ifPresent(variable -> found.add(variable + " is empty: as if it were not set"));
    }
    if (!names.equals(StandardCharsets.UTF_8)) {
      found.add("arguments and file names are read in " + names + ", not UTF-8");
      return Check.limited(SUBJECT, found, "set LC_ALL=C.UTF-8, or another UTF-8 locale");
    }
    if (found.isEmpty()) found.add("nothing that Gemlab has to work around");
    return Check.ok(SUBJECT, found);
  }
}
