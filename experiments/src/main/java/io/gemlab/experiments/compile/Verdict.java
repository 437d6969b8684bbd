package io.gemlab.experiments.compile;

import io.gemlab.reports.Numbers;
import java.util.OptionalDouble;

/** What a case came to, in a sentence. */
final class Verdict {
  static final double MIB = 1L << 20;

  private Verdict() {}

  /** Fits or not and by how much, how fast; and what would fit. */
  static String sentence(CaseResult result) {
    String name = result.asked().name();
    return switch (result.outcome()) {
      case Outcome.Failed failed -> "%s was not compiled: %s.".formatted(name, failed.reason());
      case Outcome.TooLarge tooLarge
          when result.needed().isEmpty() || result.deviceMemory().isEmpty() ->
          "%s does not fit: %s.".formatted(name, tooLarge.shortage().reason());
      case Outcome.TooLarge _ -> tooLarge(result);
      case Outcome.Compiled compiled -> {
        StepTime time = StepTime.of(compiled.optimized(), result.asked().target());
        yield result.fits() ? fits(result) + prediction(result, time) + "." : tooLarge(result);
      }
    };
  }

  private static String fits(CaseResult result) {
    double needed = result.needed().orElseThrow();
    String name = result.asked().name();
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
        mfu(result, time).stream()
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
            time.communication() == 0 ? "" : ", no exchange beside other work",
            mfu);
  }

  private static String tooLarge(CaseResult result) {
    double needed = result.needed().orElseThrow();
    double has = result.deviceMemory().orElseThrow();
    return "%s does not fit: it needs %s of a device that has %s, %s too much; %s."
        .formatted(
            result.asked().name(),
            gib(needed),
            gib(has),
            gib(needed - has),
            WhatWouldFit.sentence(result));
  }

  /** The share of the devices' peak that the model's own FLOPs are, in the predicted time. */
  static OptionalDouble mfu(CaseResult result, StepTime time) {
    if (time.predicted().isEmpty() || result.asked().target().chip().isEmpty()) {
      return OptionalDouble.empty();
    }
    double peak =
        result.asked().target().devices() * result.asked().target().chip().get().flopsPerSecond();
    return OptionalDouble.of(result.modelFlops() / (time.predicted().getAsDouble() * peak));
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
