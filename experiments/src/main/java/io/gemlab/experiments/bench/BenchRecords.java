package io.gemlab.experiments.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.protobuf.Timestamp;
import io.gemlab.experiments.bench.CellResult.Measured;
import io.gemlab.experiments.bench.CellResult.Refused;
import io.gemlab.graph.gemma2.ConfigJson;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.reports.record.Deviation;
import io.gemlab.reports.record.Execution;
import io.gemlab.reports.record.Factor;
import io.gemlab.reports.record.Measurement;
import io.gemlab.reports.record.Measurement.Better;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import java.io.UncheckedIOException;
import java.time.Instant;

/** What a cell leaves in {@code runs/}. */
final class BenchRecords {
  private static final YAMLMapper YAML = new YAMLMapper();

  private final BenchPlan plan;
  private final Provenance provenance;

  BenchRecords(BenchPlan plan, Provenance provenance) {
    this.plan = plan;
    this.provenance = provenance;
  }

  RunRecord of(CellResult result) {
    BenchPlan.Cell cell = result.cell();
    RunRecord.Builder record =
        RunRecord.newBuilder()
            .setId(cell.label().replace(", ", ".").replace(' ', '-'))
            .setExperiment("bench")
            .setArm(cell.label())
            .addFactors(factor("program", cell.program().label()))
            .addFactors(factor("path", cell.path().label()))
            .setProvenance(provenance)
            .setRecipeYaml(recipe());
    plan.deviation().ifPresent(what -> record.addDeviations(deviation(what)));
    switch (result) {
      case Measured measured -> complete(record, measured);
      case Refused refused ->
          record
              .setStarted(timestamp(refused.at()))
              .setEnded(timestamp(refused.at()))
              .setOutcome(
                  Outcome.newBuilder()
                      .setStatus(Outcome.Status.REFUSED)
                      .setMessage(refused.refusal().reason())
                      .setRemedy(refused.refusal().remedy()));
    }
    return record.build();
  }

  private void complete(RunRecord.Builder record, Measured measured) {
    record
        .setStarted(timestamp(measured.started()))
        .setEnded(timestamp(measured.ended()))
        .setOutcome(Outcome.newBuilder().setStatus(Outcome.Status.COMPLETE))
        .setExecution(execution(measured))
        .addMeasurements(
            Measurement.newBuilder()
                .setName("time")
                .setUnit("s")
                .setValue(measured.time().median())
                .addAllSamples(measured.seconds())
                .setBetter(Better.LOWER))
        .addMeasurements(
            Measurement.newBuilder()
                .setName("matrix products")
                .setUnit("FLOP")
                .setValue(measured.productFlops()));
    measured
        .peakBytes()
        .ifPresent(
            bytes ->
                record.addMeasurements(
                    Measurement.newBuilder()
                        .setName("peak memory")
                        .setUnit("B")
                        .setValue(bytes)
                        .setBetter(Better.LOWER)));
  }

  private static Execution execution(Measured measured) {
    ExecutionReport ran = measured.execution();
    return Execution.newBuilder()
        .setPathAsked(measured.cell().path().label())
        .setPathRan(ran.path())
        .setXlaUsed(ran.xlaUsed())
        .setXlaClusters(ran.xlaClusters())
        .setNodesExecuted(ran.executed())
        .setCompileSeconds(measured.compileSeconds())
        .addAllNotes(ran.notes())
        .build();
  }

  private static Deviation deviation(io.gemlab.ops.choice.Deviation what) {
    return Deviation.newBuilder()
        .setSwitch(what.part())
        .setAsked(what.asked())
        .setRan(what.ran())
        .setReason(what.reason())
        .build();
  }

  /** All that was chosen, as YAML. */
  String recipe() {
    ObjectNode recipe = YAML.createObjectNode();
    recipe.put("model", plan.source().name());
    recipe.put("attention", plan.choice().attention().label());
    recipe.put("allow_deviation", plan.choice().allowDeviation());
    recipe.put("dtype", plan.precision().label());
    recipe.put("batch", plan.batch().rows());
    recipe.put("length", plan.batch().length());
    recipe.put("samples", plan.samples());
    recipe.putPOJO("paths", plan.paths().stream().map(path -> path.label()).toList());
    recipe.set("config", ConfigJson.write(plan.source().config()));
    try {
      return YAML.writeValueAsString(recipe);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("a tree of plain nodes can't be written", e);
    }
  }

  private static Factor factor(String name, String level) {
    return Factor.newBuilder().setName(name).setLevel(level).build();
  }

  private static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
