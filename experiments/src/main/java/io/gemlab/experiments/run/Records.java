package io.gemlab.experiments.run;

import com.google.protobuf.Timestamp;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.product.ProductUse;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Deviation;
import io.gemlab.reports.record.Execution;
import io.gemlab.reports.record.Factor;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.Product;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Pieces of run records that every experiment writes. */
public final class Records {
  private Records() {}

  public static Timestamp now() {
    Instant now = Instant.now();
    return Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()).build();
  }

  public static Factor factor(String name, String level) {
    return Factor.newBuilder().setName(name).setLevel(level).build();
  }

  /** Where a run ran. */
  public static Factor path(ExecutionPath path) {
    return factor(RunView.PATH, path.label());
  }

  /** Tokens a row. */
  public static Factor length(int tokens) {
    return factor(RunView.LENGTH, Integer.toString(tokens));
  }

  /** The type computed in. */
  public static Factor dtype(Precision precision) {
    return factor(RunView.DTYPE, precision.label());
  }

  /** What a path made of a function; its first call counts as the compilation. */
  public static Execution execution(String asked, ExecutionReport report) {
    return execution(asked, report, report.firstCall().toNanos() / 1e9);
  }

  /** What a path made of a function. */
  public static Execution execution(String asked, ExecutionReport report, double compileSeconds) {
    return Execution.newBuilder()
        .setPathAsked(asked)
        .setPathRan(report.path())
        .setXlaUsed(report.xlaUsed())
        .setXlaClusters(report.xlaClusters())
        .setNodesExecuted(report.executed())
        .setCompileSeconds(compileSeconds)
        .addAllNotes(notes(report))
        .addAllProducts(report.products().products().stream().map(Records::product).toList())
        .build();
  }

  private static List<String> notes(ExecutionReport report) {
    List<String> notes = new ArrayList<>(report.notes());
    if (report.kernels().places() > 0) {
      notes.add("Kernels of Gemlab's own: " + report.kernels().described() + ".");
    }
    if (!report.products().products().isEmpty()) {
      notes.add("Matrix products: " + report.products().described() + ".");
    }
    return notes;
  }

  private static Product product(ProductUse.Of used) {
    return Product.newBuilder()
        .setShape(used.shape().toString())
        .setKernel(used.kernel().label())
        .setNodes(used.nodes())
        .build();
  }

  /** What ran otherwise than was asked. */
  public static Deviation deviation(io.gemlab.ops.choice.Deviation what) {
    return Deviation.newBuilder()
        .setSwitch(what.part())
        .setAsked(what.asked())
        .setRan(what.ran())
        .setReason(what.reason())
        .setRemedy(what.remedy())
        .build();
  }

  public static Outcome complete() {
    return Outcome.newBuilder().setStatus(Outcome.Status.COMPLETE).build();
  }

  public static Outcome refused(String reason, String remedy) {
    return Outcome.newBuilder()
        .setStatus(Outcome.Status.REFUSED)
        .setMessage(reason)
        .setRemedy(remedy)
        .build();
  }

  /** Of a run that has not ended, however it will; a later record takes its place. */
  static Outcome begun() {
    return Outcome.newBuilder()
        .setStatus(Outcome.Status.INTERRUPTED)
        .setMessage("it began and has not ended: it runs still, or was killed")
        .setRemedy("if it was killed, go on with --resume")
        .build();
  }

  public static Outcome interrupted() {
    return Outcome.newBuilder()
        .setStatus(Outcome.Status.INTERRUPTED)
        .setMessage("it was stopped before it was done")
        .setRemedy("go on with --resume")
        .build();
  }

  /** Of a run whose numbers grew out of bounds. */
  public static Outcome diverged(String message) {
    return failed(message).toBuilder().setDiverged(true).build();
  }

  public static Outcome failed(String message) {
    return Outcome.newBuilder()
        .setStatus(Outcome.Status.FAILED)
        .setMessage(message.isBlank() ? "it ended without a message" : message)
        .build();
  }
}
