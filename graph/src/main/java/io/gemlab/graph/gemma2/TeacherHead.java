package io.gemlab.graph.gemma2;

import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.Trace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * The head of a second model in a program, of which the layers run elsewhere. Its table is state of
 * role {@link StateRole#TEACHER}, and of a name of its own.
 *
 * @param model whose head it is; the table is kept as it is in a model that is not trained
 */
public record TeacherHead<T extends TFloating>(Gemma2Model<T> model) {
  private static final String PREFIX = "teacher/";

  /** What the table of a state of the model's own is called here. */
  public static String name(String state) {
    return PREFIX + state;
  }

  /** The model's own state that holds the table: itself, or its values and scales. */
  public List<TensorSpec> table() {
    return Parameters.of(model, Tensors.elementType(model.type())).all().stream()
        .filter(parameter -> parameter.name().equals(WeightSpec.EMBEDDING))
        .findFirst()
        .orElseThrow()
        .states();
  }

  /** Declares the table. */
  public List<Operand<?>> state(Trace trace) {
    return table().stream()
        .<Operand<?>>map(
            spec ->
                trace.state(
                    name(spec.name()), StateRole.TEACHER, Tensors.type(spec.type()), spec.shape()))
        .toList();
  }

  /**
   * Scores of the whole vocabulary before the final cap, also inside a loop.
   *
   * @param state what {@link #state} is where it is built
   * @param hidden_BSD what the model's last norm gave, [B, S, D]
   * @return [B * S, V]
   */
  public Operand<T> rawLogits(Ops tf, List<Operand<?>> state, Operand<T> hidden_BSD) {
    Map<String, Operand<?>> named = new HashMap<>();
    for (TensorSpec spec : table()) named.put(spec.name(), state.get(named.size()));
    return model.rawLogits(tf, model.weights(named::get), hidden_BSD);
  }
}
