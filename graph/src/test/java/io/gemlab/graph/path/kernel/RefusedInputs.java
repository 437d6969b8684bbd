package io.gemlab.graph.path.kernel;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.function.Function;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.OperationBuilder;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;

/** Inputs that an op of ours refuses. */
final class RefusedInputs {
  private RefusedInputs() {}

  /** Why it does: its call ends in an exception, and the process lives. */
  static String reason(String op, Function<Ops, List<Operand<?>>> inputs) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      OperationBuilder kernel = tf.scope().opBuilder(op, "Refused");
      for (Operand<?> input : inputs.apply(tf)) kernel.addInput(input.asOutput());
      Output<?> y = kernel.build().output(0);
      try (Session session = new Session(graph)) {
        return assertThrows(TensorFlowException.class, () -> session.runner().fetch(y).run())
            .getMessage();
      }
    }
  }
}
