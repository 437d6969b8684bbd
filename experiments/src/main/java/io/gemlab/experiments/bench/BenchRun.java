package io.gemlab.experiments.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.gemlab.experiments.program.CellProcess;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Runs a plan, cell after cell, each in a process of its own. */
public record BenchRun(BenchPlan plan, Provenance provenance) {
  private static final YAMLMapper YAML = new YAMLMapper();

  /** How many cells there are. */
  public int cells() {
    return plan.cells().size();
  }

  /**
   * @param watcher told of each cell before it runs
   * @throws InterruptedException if the thread was interrupted; the cell's process has ended
   */
  public BenchOutcome run(Consumer<String> watcher) throws InterruptedException {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    MachineRates rates = MachineRates.measure(List.of(plan.model().precision()));
    List<CellFinding> findings = new ArrayList<>();
    for (BenchPlan.Cell cell : plan.cells()) {
      watcher.accept(cell.label());
      findings.add(new CellFinding(cell, new RunView(run(cell))));
    }
    return new BenchOutcome(plan, rates, load, findings, provenance);
  }

  private RunRecord run(BenchPlan.Cell cell) throws InterruptedException {
    RunRecord.Builder record =
        RunRecord.newBuilder()
            .setId(cell.label().replace(", ", ".").replaceAll("[^A-Za-z0-9._-]", "-"))
            .setExperiment("bench")
            .setArm(cell.label())
            .addFactors(Records.factor("program", cell.program().label()))
            .addFactors(Records.path(cell.path()))
            .setProvenance(provenance)
            .setRecipeYaml(yaml())
            .setStarted(Records.now());
    plan.model().model().deviation().map(Records::deviation).ifPresent(record::addDeviations);
    record.mergeFrom(CellProcess.run(plan.timed(cell)).getFirst());
    return record.setEnded(Records.now()).build();
  }

  /** All that was chosen. */
  private String yaml() {
    ObjectNode chosen = YAML.createObjectNode();
    chosen.put("batch", plan.batch().batchSize());
    chosen.put("length", plan.batch().sequenceLength());
    chosen.put("samples", plan.samples());
    plan.paths().forEach(path -> chosen.withArray("paths").add(path.label()));
    return yaml(plan.model(), chosen);
  }

  /** A model and how it is computed, and what else was chosen. */
  static String yaml(ModelSpec model, ObjectNode others) {
    ObjectNode chosen = others.deepCopy();
    chosen.setAll(model.json());
    try {
      return YAML.writeValueAsString(chosen);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("a tree of plain nodes can't be written", e);
    }
  }
}
