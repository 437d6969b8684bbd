package io.gemlab.graph.gemma2;

import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * The model's last product before it is taken, so that whoever needs scores decides how many of
 * them exist at once.
 *
 * @param model whose head it is
 * @param traced where its weights are
 * @param normed_BTD what it gets, [B, T, D]
 */
public record Head<T extends TFloating>(
    Gemma2Model<T> model, ModelTrace<T> traced, Operand<T> normed_BTD) {

  /**
   * Scores of the whole vocabulary before the final cap, in the type computed in.
   *
   * @return [M, V]
   */
  public Operand<T> rawLogits(Ops tf) {
    return rawLogits(tf, normed_BTD);
  }

  /**
   * The same of some positions alone.
   *
   * @param some_BSD what the head gets of them, [B, S, D]
   * @return [B * S, V]
   */
  public Operand<T> rawLogits(Ops tf, Operand<T> some_BSD) {
    return model.rawLogits(tf, traced.weights(), some_BSD);
  }

  /** The table that scores are products with, as it is stored, if it is trained. */
  public Optional<Operand<? extends TFloating>> trainedTable() {
    return traced.parameters().trained().stream()
        .map(Parameter::name)
        .filter(WeightSpec.EMBEDDING::equals)
        .<Operand<? extends TFloating>>map(traced.weights()::get)
        .findFirst();
  }
}
