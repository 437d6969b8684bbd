package io.gemlab.experiments.trainer;

import io.gemlab.experiments.train.StepResult;
import io.gemlab.experiments.train.TrainingHook;
import io.gemlab.experiments.train.Validation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.summary.SummaryWriter;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TType;

/**
 * A file {@code events.out.tfevents...} that TensorBoard reads, by TensorFlow's own writer. Each
 * process writes one of its own; of a step that two of them took TensorBoard shows both.
 */
final class EventFile implements TrainingHook, AutoCloseable {
  private static final String LOSS = "train/loss";
  private static final String GRADIENT_NORM = "train/grad_norm";
  private static final String LEARNING_RATE = "train/learning_rate";
  private static final String TOKENS_PER_SECOND = "train/tokens_per_second";
  private static final String VALIDATION_LOSS = "validation/loss";
  private static final List<String> TAGS =
      List.of(LOSS, GRADIENT_NORM, LEARNING_RATE, TOKENS_PER_SECOND, VALIDATION_LOSS);

  /** Events that the writer holds back at most, and for how long. */
  private static final int QUEUE = 10;

  private static final int FLUSH_MILLIS = 10_000;

  private final Validation validation;
  private final Graph graph = new Graph();
  private final Session session = new Session(graph);
  private final Placeholder<TInt64> step;
  private final Map<String, Placeholder<TFloat32>> values = new LinkedHashMap<>();
  private final Map<String, Operation> writes = new LinkedHashMap<>();
  private final Operation close;
  private int validated = -1;

  /**
   * @param folder where
   * @param validation whose new points are written too
   */
  EventFile(Path folder, Validation validation) {
    this.validation = validation;
    Ops tf = Ops.create(graph);
    SummaryWriter writer = tf.summary.summaryWriter();
    Operand<TType> handle = writer.asOutput();
    Op create =
        tf.summary.createSummaryFileWriter(
            handle,
            tf.constant(folder.toString()),
            tf.constant(QUEUE),
            tf.constant(FLUSH_MILLIS),
            tf.constant(".gemlab"));
    step = tf.placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
    for (String tag : TAGS) {
      Placeholder<TFloat32> value =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
      values.put(tag, value);
      writes.put(tag, tf.summary.writeScalarSummary(handle, step, tf.constant(tag), value).op());
    }
    close = tf.summary.closeSummaryWriter(handle).op();
    session.runner().addTarget(create.op()).run();
  }

  @Override
  public void onStep(StepResult result) {
    write(
        result.step(),
        Map.of(
            LOSS,
            result.loss(),
            GRADIENT_NORM,
            result.gradientNorm(),
            LEARNING_RATE,
            result.learningRate(),
            TOKENS_PER_SECOND,
            (float) (result.tokens() / result.seconds())));
    if (validation.points().isEmpty()) return;
    Validation.Point point = validation.points().getLast();
    if (point.steps() == result.step() && validated != point.steps()) {
      validated = point.steps();
      write(point.steps(), Map.of(VALIDATION_LOSS, point.loss()));
    }
  }

  private void write(int steps, Map<String, Float> scalars) {
    Session.Runner runner = session.runner();
    List<Tensor> fed = new ArrayList<>();
    try {
      TInt64 at = TInt64.scalarOf(steps);
      fed.add(at);
      runner.feed(step, at);
      scalars.forEach(
          (tag, scalar) -> {
            TFloat32 value = TFloat32.scalarOf(scalar);
            fed.add(value);
            runner.feed(values.get(tag), value).addTarget(writes.get(tag));
          });
      runner.run();
    } finally {
      fed.forEach(Tensor::close);
    }
  }

  @Override
  public void close() {
    session.runner().addTarget(close).run();
    session.close();
    graph.close();
  }
}
