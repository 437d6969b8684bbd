package io.gemlab.experiments.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.protobuf.Timestamp;
import io.gemlab.experiments.machine.MachineRates;
import io.gemlab.experiments.program.ModelProgram;
import io.gemlab.experiments.program.ProgramNeeds;
import io.gemlab.experiments.program.QuietMachine;
import io.gemlab.experiments.program.TimedCell;
import io.gemlab.experiments.program.TimedComparison;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a plan: the paths take turns at each program, each in a process of its own. */
public record BenchRun(BenchPlan plan, Provenance provenance) {
  private static final YAMLMapper YAML = new YAMLMapper();

  /** How many steps {@link #run} tells of. */
  public int steps() {
    return BenchPlan.PROGRAMS.size() * TimedComparison.steps(plan.paths().size(), plan.samples());
  }

  /**
   * @param listener told of each step before it is taken
   * @throws InterruptedException if the thread was interrupted; the cells' processes have ended
   */
  public BenchOutcome run(TimedComparison.Listener listener) throws InterruptedException {
    MachineRates rates = MachineRates.measure(List.of(plan.model().precision()));
    QuietMachine quiet = new QuietMachine();
    ProgramNeeds needs = new ProgramNeeds();
    List<CellFinding> findings = new ArrayList<>();
    for (ModelProgram program : BenchPlan.PROGRAMS) {
      Map<String, TimedCell> cells = new LinkedHashMap<>();
      List<BenchPlan.Cell> compared = plan.cells(program);
      for (BenchPlan.Cell cell : compared) cells.put(cell.label(), plan.timed(cell));
      Timestamp started = Records.now();
      Map<String, List<RunRecord>> timed = new TimedComparison(cells, quiet, needs).run(listener);
      for (BenchPlan.Cell cell : compared) {
        RunRecord.Builder record = record(cell).setStarted(started);
        record.mergeFrom(timed.get(cell.label()).getFirst()).setEnded(Records.now());
        findings.add(new CellFinding(cell, new RunView(record.build())));
      }
    }
    return new BenchOutcome(plan, rates, findings, provenance);
  }

  /** What a cell's record says of what was asked. */
  private RunRecord.Builder record(BenchPlan.Cell cell) {
    RunRecord.Builder record =
        RunRecord.newBuilder()
            .setId(cell.label().replace(", ", ".").replaceAll("[^A-Za-z0-9._-]", "-"))
            .setExperiment("bench")
            .setArm(cell.label())
            .addFactors(Records.factor("program", cell.program().label()))
            .addFactors(Records.path(cell.path()))
            .setProvenance(provenance)
            .setRecipeYaml(yaml());
    plan.model().model().deviation().map(Records::deviation).ifPresent(record::addDeviations);
    return record;
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
