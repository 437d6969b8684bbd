package io.gemlab.experiments.conformance;

import io.gemlab.graph.path.KernelUse;
import java.util.Optional;

/**
 * What became of a probe in one configuration and cache mode.
 *
 * @param outcome judged, refused or failed
 */
public record Finding(Probe probe, Configuration configuration, CacheMode cache, Outcome outcome) {
  /** What became of it. */
  public sealed interface Outcome {}

  /**
   * It ran, and its logits were judged.
   *
   * @param kernels values that kernels computed, in the step that ran last
   */
  public record Judged(Judgement judgement, KernelUse kernels) implements Outcome {}

  /** The runtime said that it can't do this, and why. */
  public record Refused(String reason) implements Outcome {}

  /** It broke. */
  public record Failed(String message) implements Outcome {}

  /** What kernels computed; empty where nothing ran. */
  public Optional<KernelUse> kernels() {
    return outcome instanceof Judged judged ? Optional.of(judged.kernels()) : Optional.empty();
  }

  /** What came out, for people. */
  public String words() {
    return switch (outcome) {
      case Judged judged -> judged.judgement().words();
      case Refused refused -> refused.reason();
      case Failed failed -> failed.message();
    };
  }

  /** Which run it is and what came out, for people. */
  public String described() {
    return "%s on the %s, %s: %s"
        .formatted(probe.label(), configuration.label(), cache.label(), words());
  }

  /** Whether something is wrong: a refusal is not. */
  public boolean isWrong() {
    return switch (outcome) {
      case Judged judged -> !judged.judgement().passes(configuration);
      case Refused refused -> false;
      case Failed failed -> true;
    };
  }
}
