package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Agreement;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.ablate.run.AblationRuns.Compared;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.path.session.SessionPath;
import io.gemlab.graph.runtime.NativeRuntime;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.RunRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The logits of one set of weights, by every path and every arm that has these weights, against
 * those of the control on the first path. Where the control diverged there are none to compare.
 *
 * @param processes compute logits side by side; empty where this process computes them
 */
public record AgreementRuns(
    AblationRecipe recipe,
    Optional<TrainingText> text,
    Path folder,
    RunStore store,
    Products products,
    Optional<StudyProcesses> processes) {
  public void run(RunMonitor monitor, int units) {
    Agreement agreement = recipe.agreement().orElseThrow();
    List<Compared> asked = asked();
    int all = recipe.arms().size() * agreement.paths().size() * agreement.precisions().size();
    boolean none = recipe.training().isPresent() && !Files.exists(checkpoint());
    List<Compared> missing =
        none ? List.of() : asked.stream().filter(one -> !store.has(one.run())).toList();
    monitor.worked((long) (all - missing.size()) * units);
    if (missing.isEmpty()) return;
    if (processes.isPresent() && agreement.paths().stream().noneMatch(AgreementRuns::isOnDevice)) {
      Map<Arm, Deque<Run>> runs = new LinkedHashMap<>();
      for (Compared one : missing) {
        runs.computeIfAbsent(one.arm(), _ -> new ArrayDeque<>()).add(one.run());
      }
      StudyProcesses.Kind kind =
          new StudyProcesses.Kind(_ -> units, NativeRuntime.KEEPING_NO_PROGRAMS);
      processes.get().make(runs, kind, store, monitor);
      return;
    }
    try (Comparison comparison = new Comparison()) {
      for (Compared one : missing) {
        monitor.now(one.run().described());
        monitor.check();
        comparison.make(one);
        monitor.worked(units);
      }
    }
  }

  /** Only one process at a time can have a device. */
  private static boolean isOnDevice(ExecutionPath path) {
    return !(path instanceof SessionPath || path instanceof EagerPath);
  }

  private List<Compared> asked() {
    return new AblationRuns(recipe).compared();
  }

  /** The names of all runs; none where no logits are compared. */
  public Set<String> ids() {
    return asked().stream().map(one -> one.run().id()).collect(Collectors.toSet());
  }

  /** What makes runs by their names. */
  public StudyProcesses.Maker maker() {
    Comparison comparison = new Comparison();
    return (id, monitor) -> {
      monitor.check();
      return comparison.make(
          asked().stream().filter(one -> one.run().id().equals(id)).findFirst().orElseThrow());
    };
  }

  /** Weights, tokens and what the control's logits are, from the first run on. */
  private final class Comparison implements AutoCloseable {
    private Optional<AgreementInput> input = Optional.empty();
    private Optional<float[]> reference = Optional.empty();

    Status make(Compared asked) {
      return store.make(
          asked.run(),
          record -> {
            if (input.isEmpty()) {
              input = Optional.of(AgreementInput.of(recipe, text, checkpoint()));
            }
            if (reference.isEmpty()) reference = Optional.of(reference(input.get()));
            compare(
                record, input.get(), asked.arm(), asked.path(), asked.precision(), reference.get());
          });
    }

    @Override
    public void close() {
      input.ifPresent(AgreementInput::close);
    }
  }

  private Path checkpoint() {
    return TrainingRuns.checkpoint(folder);
  }

  private float[] reference(AgreementInput input) {
    Agreement agreement = recipe.agreement().orElseThrow();
    return logits(
        RunRecord.newBuilder(),
        input,
        recipe.control(),
        agreement.paths().getFirst(),
        agreement.precisions().getFirst());
  }

  private void compare(
      RunRecord.Builder record,
      AgreementInput input,
      Arm arm,
      ExecutionPath path,
      Precision precision,
      float[] reference) {
    float[] logits = logits(record, input, arm, path, precision);
    LogitDifference difference = LogitDifference.of(reference, logits, arm.config().vocabSize());
    record
        .addMeasurements(Measures.LOGIT_DIFFERENCE.of(difference.largest()))
        .addMeasurements(Measures.KL.of(difference.meanKl()))
        .addMeasurements(Measures.TOP_1.of(difference.top1Agreement()));
  }

  private float[] logits(
      RunRecord.Builder record,
      AgreementInput input,
      Arm arm,
      ExecutionPath path,
      Precision precision) {
    Gemma2Model<?> model = arm.in(precision);
    TokenBatch batch = input.batch();
    GraphFunction forward =
        ModelProgram.FORWARD.trace(model, new BatchShape(batch.rows(), batch.length()));
    try (Executable executable = path.withProducts(products).load(List.of(forward))) {
      input.assign(model, executable, Tensors.elementType(precision.type()));
      try (Results results = executable.run(forward.name(), batch.arguments())) {
        record.setExecution(Records.execution(path.label(), executable.report(forward.name())));
        results.requireFinite();
        return results.get(ForwardPass.LOGITS).floats();
      }
    }
  }
}
