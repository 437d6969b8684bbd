package io.gemlab.experiments.compile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The largest batches that fit, with and without rematerialisation and pieces of the loss, found by
 * compiling: doubled until one does not fit, then halved in between; of those that fit, the one
 * with the most predicted tokens a second is best.
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
    for (CompileCase variant : first.variants()) {
      if (search.failed()) break;
      search.run(variant);
    }
    return List.copyOf(search.tried);
  }

  /**
   * The one with the most predicted tokens a second; with the most rows where none is predicted.
   */
  static Optional<CaseResult> best(List<CaseResult> tried) {
    return tried.stream()
        .filter(CaseResult::fits)
        .max(
            Comparator.comparingDouble((CaseResult result) -> result.tokensPerSecond().orElse(0))
                .thenComparing(result -> result.compileCase().size().batchSize()));
  }

  /** Rows are counted in what the mesh cuts a batch into. */
  private void run(CompileCase first) {
    int shards = first.mesh().shards();
    int fits = 0;
    int tooMany = first.size().batchSize() / shards;
    while (tooMany * shards <= MOST_ROWS && fits(first, tooMany * shards)) {
      fits = tooMany;
      tooMany *= 2;
    }
    while (tooMany - fits > 1 && tooMany * shards <= MOST_ROWS && !failed()) {
      int between = fits + (tooMany - fits) / 2;
      if (fits(first, between * shards)) fits = between;
      else tooMany = between;
    }
  }

  private boolean fits(CompileCase first, int rows) {
    CaseResult result = compiler.apply(first.withRows(rows).named(name(first, rows)));
    tried.add(result);
    return result.fits();
  }

  private static String name(CompileCase first, int rows) {
    if (first.program() != ProgramKind.TRAIN) return "batch " + rows;
    int pieces = first.loss().pieces();
    return "batch %d, remat %s%s"
        .formatted(
            rows,
            first.model().remat().label(),
            pieces == 1 ? "" : ", loss in %d pieces".formatted(pieces));
  }

  private boolean failed() {
    return !tried.isEmpty() && tried.getLast().outcome() instanceof CaseOutcome.Failed;
  }
}
