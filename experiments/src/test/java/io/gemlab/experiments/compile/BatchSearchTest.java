package io.gemlab.experiments.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.gemma2.Depth;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BatchSearchTest {
  private static final CaseOutcome FITS = StoredResults.compiled(1);
  private static final CaseOutcome TOO_LARGE =
      new CaseOutcome.TooLarge(OutOfMemory.of("too large"));

  @Test
  void findsTheLargestBatchThatFits() {
    List<CaseResult> tried = search(6);
    assertEquals(List.of(1, 2, 4, 8, 6, 7), rows(tried));
    assertEquals(6, BatchSearch.best(tried).orElseThrow().compileCase().size().batchSize());
  }

  @Test
  void batchesAreWhatTheMeshCanCut() {
    CompileCase four = StoredResults.meshed().compileCase();
    List<CaseResult> tried =
        BatchSearch.from(
            four,
            compileCase ->
                StoredResults.of(
                    compileCase, compileCase.size().batchSize() <= 12 ? FITS : TOO_LARGE));
    assertEquals(List.of(4, 8, 16, 12), rows(tried));
  }

  @Test
  void aTrainingStepIsSearchedWithAndWithoutRematerialisationAndPieces() {
    CompileCase one = StoredResults.compileCase();
    CompileCase step =
        new CompileCase(
            "step",
            ProgramKind.TRAIN,
            one.model().withLayers("scanned").withRemat("layer"),
            one.rows(),
            one.length(),
            one.target(),
            one.requestedMesh());
    List<CaseResult> tried =
        BatchSearch.from(
            step,
            compileCase ->
                StoredResults.of(
                    compileCase,
                    compileCase.size().batchSize()
                            <= (compileCase.model().remat() == Depth.Remat.LAYER ? 2 : 1)
                        ? FITS
                        : TOO_LARGE));
    assertEquals(
        List.of(
            "batch 1, remat layer",
            "batch 2, remat layer",
            "batch 4, remat layer",
            "batch 3, remat layer",
            "batch 1, remat layer, loss in 8 pieces",
            "batch 2, remat layer, loss in 8 pieces",
            "batch 4, remat layer, loss in 8 pieces",
            "batch 3, remat layer, loss in 8 pieces",
            "batch 1, remat none",
            "batch 2, remat none",
            "batch 1, remat none, loss in 8 pieces",
            "batch 2, remat none, loss in 8 pieces"),
        tried.stream().map(result -> result.compileCase().name()).toList());
    assertEquals(Depth.Layers.UNROLLED, tried.getLast().compileCase().model().layers());
  }

  @Test
  void saysThatNothingFits() {
    List<CaseResult> tried = search(0);
    assertEquals(List.of(1), rows(tried));
    assertTrue(BatchSearch.best(tried).isEmpty());
  }

  @Test
  void endsWhereTheCompilerBreaks() {
    List<CaseResult> tried =
        BatchSearch.from(
            StoredResults.compileCase(),
            compileCase ->
                StoredResults.of(
                    compileCase,
                    compileCase.size().batchSize() < 4 ? FITS : new CaseOutcome.Failed("aborted")));
    assertEquals(List.of(1, 2, 4), rows(tried));
  }

  @Test
  void endsWhereMemoryNeverDoes() {
    assertEquals(1024, rows(search(Integer.MAX_VALUE)).getLast());
  }

  private static List<CaseResult> search(int most) {
    return BatchSearch.from(
        StoredResults.compileCase(),
        compileCase ->
            StoredResults.of(
                compileCase, compileCase.size().batchSize() <= most ? FITS : TOO_LARGE));
  }

  private static List<Integer> rows(List<CaseResult> tried) {
    return tried.stream().map(result -> result.compileCase().size().batchSize()).toList();
  }
}
