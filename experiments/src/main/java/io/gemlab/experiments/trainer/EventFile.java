package io.gemlab.experiments.trainer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
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
final class EventFile implements AutoCloseable {
  /** Events that the writer holds back at most, and for how long. */
  private static final int QUEUE = 10;

  private static final int FLUSH_MILLIS = 10_000;

  private final Graph graph = new Graph();
  private final Session session = new Session(graph);
  private final Ops tf = Ops.create(graph);
  private final Operand<TType> writer;
  private final Placeholder<TInt64> step;
  private final Map<String, Scalar> scalars = new HashMap<>();
  private final Operation close;

  /** What writes the scalar of one tag. */
  private record Scalar(Placeholder<TFloat32> value, Operation write) {}

  /**
   * @param folder where
   */
  EventFile(Path folder) {
    SummaryWriter handle = tf.summary.summaryWriter();
    writer = handle.asOutput();
    Op create =
        tf.summary.createSummaryFileWriter(
            writer,
            tf.constant(folder.toString()),
            tf.constant(QUEUE),
            tf.constant(FLUSH_MILLIS),
            tf.constant(".gemlab"));
    step = tf.placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
    close = tf.summary.closeSummaryWriter(writer).op();
    session.runner().addTarget(create.op()).run();
  }

  /** Writes what a log's line has of some curves. */
  void write(ObjectNode line, List<Curve> curves) {
    Map<String, Double> values = new LinkedHashMap<>();
    curves.forEach(curve -> values.putAll(curve.of(line)));
    if (values.isEmpty()) return;
    Session.Runner runner = session.runner();
    List<Tensor> fed = new ArrayList<>();
    try {
      TInt64 at = TInt64.scalarOf(line.path(JsonLog.STEP).asInt());
      fed.add(at);
      runner.feed(step, at);
      values.forEach(
          (tag, number) -> {
            Scalar scalar = scalars.computeIfAbsent(tag, this::scalar);
            TFloat32 value = TFloat32.scalarOf(number.floatValue());
            fed.add(value);
            runner.feed(scalar.value(), value).addTarget(scalar.write());
          });
      runner.run();
    } catch (TensorFlowException e) {
      throw failed(e);
    } finally {
      fed.forEach(Tensor::close);
    }
  }

  /** A full disk is one, whoever writes. */
  private static UncheckedIOException failed(TensorFlowException e) {
    return new UncheckedIOException(
        "writing TensorBoard's events", new IOException(e.getMessage(), e));
  }

  private Scalar scalar(String tag) {
    Placeholder<TFloat32> value = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    return new Scalar(
        value, tf.summary.writeScalarSummary(writer, step, tf.constant(tag), value).op());
  }

  @Override
  public void close() {
    try {
      session.runner().addTarget(close).run();
    } catch (TensorFlowException e) {
      throw failed(e);
    } finally {
      session.close();
      graph.close();
    }
  }
}
