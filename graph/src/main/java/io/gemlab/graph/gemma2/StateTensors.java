package io.gemlab.graph.gemma2;

import org.tensorflow.Operand;

/**
 * The tensors of a program's state by their names. What changes how weights are read (a loop that
 * takes them out of stacks, a recomputation that waits) does so tensor by tensor, below {@link
 * TensorWeights}, so that it holds for every kind of matrix.
 */
@FunctionalInterface
interface StateTensors {
  Operand<?> get(String name);
}
