package io.gemlab.graph.score;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.ModelTrace;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.trace.Trace;
import java.util.List;
import java.util.Map;
import org.tensorflow.types.family.TFloating;

/**
 * The model's layers over rows of branches: {@code (weights; tokens, positions, ends) -> what the
 * head gets}, [B, T, D] in the type computed in.
 *
 * @param model what is run; weights are kept in the type it computes in
 * @param rows B
 * @param length T
 */
record RowsProgram<T extends TFloating>(Gemma2Model<T> model, int rows, int length) {
  static final String NORMED = "normed";
  private static final String ENDS = "ends";

  /** The function's name: programs that differ have names that differ. */
  String name() {
    return "score_rows_%dx%d".formatted(rows, length);
  }

  GraphFunction trace() {
    try (Trace trace = new Trace(name())) {
      ModelTrace<T> traced = ModelTrace.of(trace, model);
      trace.result(NORMED, model.forward(traced, traced.branches(rows, length, ENDS)).normed());
      return trace.finish();
    }
  }

  /**
   * The arguments of a call.
   *
   * @param batch at most B rows; what is missing is padding
   */
  Map<String, HostTensor> arguments(List<BranchRow> batch) {
    int[][] ids = new int[rows][length];
    int[][] positions = new int[rows][length];
    int[][] ends = new int[rows][length];
    for (int b = 0; b < batch.size(); b++) {
      ids[b] = batch.get(b).ids();
      positions[b] = batch.get(b).positions();
      ends[b] = batch.get(b).ends();
    }
    return Map.of(
        TokenBatch.INPUT_IDS,
        HostTensor.of(ids),
        TokenBatch.POSITIONS,
        HostTensor.of(positions),
        ENDS,
        HostTensor.of(ends));
  }
}
