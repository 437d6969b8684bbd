package io.gemlab.experiments.compile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * The largest batches that fit, found by compiling: doubled until one does not fit, then halved in
 * between; of those that fit, the one with the most predicted tokens a second is best.
 */
final class BatchSearch {
  private static final int MOST_ROWS = 1024;

  private final Function<CompileCase, CaseResult> compiler;
  private final List<CaseResult> tried = new ArrayList<>();

  private BatchSearch(Function<CompileCase, CaseResult> compiler) {
    this.compiler = compiler;
  }

  /** All that was compiled, in order. A compiler that fails ends the search. */
  static List<CaseResult> from(CompileCase first, Function<CompileCase, CaseResult> compiler) {
    BatchSearch search = new BatchSearch(compiler);
    search.run(first);
    return List.copyOf(search.tried);
  }

  /**
   * The one with the most predicted tokens a second; with the most rows where none is predicted.
   */
  static Optional<CaseResult> best(List<CaseResult> tried) {
    return tried.stream()
        .filter(CaseResult::fits)
        .max(
            Comparator.comparingDouble((CaseResult result) -> tokensPerSecond(result).orElse(0))
                .thenComparing(result -> result.asked().size().rows()));
  }

  static OptionalDouble tokensPerSecond(CaseResult result) {
    if (!(result.outcome() instanceof Outcome.Compiled compiled)) return OptionalDouble.empty();
    OptionalDouble seconds = StepTime.of(compiled.optimized(), result.asked().target()).predicted();
    return seconds.isPresent()
        ? OptionalDouble.of(result.asked().size().positions() / seconds.getAsDouble())
        : OptionalDouble.empty();
  }

  private void run(CompileCase first) {
    int fits = 0;
    int tooMany = first.size().rows();
    while (tooMany <= MOST_ROWS && fits(first, tooMany)) {
      fits = tooMany;
      tooMany *= 2;
    }
    while (tooMany - fits > 1 && tooMany <= MOST_ROWS && !failed()) {
      int between = fits + (tooMany - fits) / 2;
      if (fits(first, between)) fits = between;
      else tooMany = between;
    }
  }

  private boolean fits(CompileCase first, int rows) {
    CaseResult result = compiler.apply(first.withRows(rows));
    tried.add(result);
    return result.fits();
  }

  private boolean failed() {
    return tried.getLast().outcome() instanceof Outcome.Failed;
  }
}
