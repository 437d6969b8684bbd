package io.gemlab.experiments.compile;

import io.gemlab.reports.Numbers;

/** What a case came to, in a sentence. */
final class Verdict {
  static final double MIB = 1L << 20;

  private Verdict() {}

  /** Fits or not and by how much, how fast; and what would fit. */
  static String sentence(CaseResult result) {
    String name = result.compileCase().name();
    return switch (result.outcome()) {
      case CaseOutcome.Failed failed -> "%s was not compiled: %s.".formatted(name, failed.reason());
      case CaseOutcome.TooLarge tooLarge
          when result.needed().isEmpty() || result.deviceMemory().isEmpty() ->
          "%s does not fit: %s.".formatted(name, tooLarge.refusal().reason());
      case CaseOutcome.TooLarge _ -> tooLarge(result);
      case CaseOutcome.Compiled _ ->
          result.fits()
              ? fits(result) + prediction(result, result.time().orElseThrow()) + "."
              : tooLarge(result);
    };
  }

  private static String fits(CaseResult result) {
    double needed = result.needed().orElseThrow();
    String name = result.compileCase().name();
    if (result.deviceMemory().isEmpty()) {
      return "%s needs %s of a device".formatted(name, memory(needed));
    }
    double has = result.deviceMemory().getAsDouble();
    return "%s fits: %s of the %s of a device, %s to spare"
        .formatted(name, memory(needed), gib(has), gib(has - needed));
  }

  private static String prediction(CaseResult result, StepTime time) {
    if (time.predicted().isEmpty()) return "";
    String mfu =
        result.mfu().stream()
            .mapToObj(
                share ->
                    ", MFU %s%% (causality and window counted)"
                        .formatted(Numbers.significant(100 * share, 3)))
            .findFirst()
            .orElse("");
    return "; by %s it takes %s ms%s%s"
        .formatted(
            time.rule(),
            Numbers.significant(1e3 * time.predicted().getAsDouble(), 3),
            time.communication() == 0 ? "" : ", communication not overlapped",
            mfu);
  }

  private static String tooLarge(CaseResult result) {
    double needed = result.needed().orElseThrow();
    double has = result.deviceMemory().orElseThrow();
    return "%s does not fit: it needs %s of a device that has %s, %s too much; %s."
        .formatted(
            result.compileCase().name(),
            gib(needed),
            gib(has),
            gib(needed - has),
            WhatWouldFit.sentence(result));
  }

  /** In the unit that it can be read in. */
  private static String memory(double bytes) {
    return bytes < MemoryBlocks.GIB ? mib(bytes) : gib(bytes);
  }

  static String gib(double bytes) {
    return Numbers.significant(bytes / MemoryBlocks.GIB, 3) + " GiB";
  }

  static String mib(double bytes) {
    return Numbers.significant(bytes / MIB, 3) + " MiB";
  }
}
