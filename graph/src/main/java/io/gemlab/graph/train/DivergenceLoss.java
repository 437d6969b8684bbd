package io.gemlab.graph.train;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Head;
import io.gemlab.graph.gemma2.TeacherHead;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.trace.Trace;
import io.gemlab.ops.Scalars;
import io.gemlab.ops.attention.Softcap;
import io.gemlab.ops.loss.GeneralizedJsd;
import io.gemlab.ops.loss.LossSum;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * The generalised Jensen-Shannon divergence between a teacher and a student over scored positions,
 * of whole distributions, each model with its own final cap, and the cross-entropy mixed with it.
 *
 * <p>Takes {@code labels}, as {@link NextTokenLoss} does, and {@link #HIDDEN}, which {@link
 * TeacherHiddenPass} gives; the teacher's head is state. Scores of both models exist for a piece of
 * each row at a time.
 *
 * @param pieces as of {@link NextTokenLoss}
 * @param teacher the model whose head it is
 * @param beta of {@link GeneralizedJsd}: 0 is KL(teacher || student), 1 KL(student || teacher)
 * @param distillation temperature and weights
 */
public record DivergenceLoss<U extends TFloating>(
    int pieces, Gemma2Model<U> teacher, double beta, Distillation distillation)
    implements TrainingLoss {
  /** What the teacher's last norm gave, [B, T, D] in the type that it computes in. */
  public static final String HIDDEN = "teacher_hidden";

  public DivergenceLoss {
    RowPieces.requirePositive(pieces);
    if (!(beta >= 0 && beta <= 1)) {
      throw new InvalidInput("beta is " + beta + "; give a number from 0 to 1");
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws InvalidInput if the pieces don't divide the positions of a row
   */
  @Override
  public <T extends TFloating> LossSum of(Trace trace, BatchShape batch, Head<T> head) {
    RowPieces.requireDivides(pieces, batch.sequenceLength());
    TensorShape hidden =
        TensorShape.of(batch.batchSize(), batch.sequenceLength(), teacher.config().hiddenSize());
    TeacherHead<U> theirs = new TeacherHead<>(teacher);
    return ScoreLoss.sum(
        trace,
        head,
        pieces,
        new Scores<>(
            NextTokenLoss.labels(trace, batch),
            trace.argument(HIDDEN, teacher.type(), hidden),
            theirs,
            theirs.state(trace),
            new GeneralizedJsd(beta, distillation.temperature()),
            distillation,
            head.model().config().finalLogitSoftcapping()));
  }

  /**
   * Hands a teacher's head to a student's step, whose state it is.
   *
   * @param model the teacher
   * @param teacher where its weights are
   * @param student what runs the step
   */
  public static void lendHead(Gemma2Model<?> model, Executable teacher, Executable student) {
    for (TensorSpec spec : new TeacherHead<>(model).table()) {
      try (HostTensor value = teacher.read(spec.name())) {
        student.assign(TeacherHead.name(spec.name()), value);
      }
    }
  }

  private record Scores<T extends TFloating, U extends TFloating>(
      Operand<TInt32> labels_BT,
      Operand<U> hidden_BTD,
      TeacherHead<U> teacher,
      List<Operand<?>> shared,
      GeneralizedJsd divergence,
      Distillation distillation,
      Softcap softcap)
      implements ScoreLoss<T> {
    @Override
    public List<Operand<? extends TNumber>> positional() {
      return List.of(labels_BT, hidden_BTD);
    }

    @Override
    public Scored at(
        Ops tf,
        Operand<T> rawLogits_MV,
        List<Operand<? extends TNumber>> some,
        List<Operand<?>> sharedHere) {
      Operand<TInt32> labels_M =
          ScoreLoss.flat(tf, some.getFirst().asOutput().expect(TInt32.class));
      Operand<U> hidden_BSD = some.get(1).asOutput().expect(teacher.model().type());
      Operand<TFloat32> teacher_MV =
          teacher.model().logits(tf, teacher.rawLogits(tf, sharedHere, hidden_BSD));
      Operand<TFloat32> student_MV = softcap.apply(tf, Scalars.toFloat32(tf, rawLogits_MV));
      Operand<TFloat32> divergence_M = divergence.apply(tf, student_MV, teacher_MV);
      return new Scored(
          distillation.loss(tf, divergence_M, rawLogits_MV, labels_M, softcap), labels_M);
    }
  }
}
