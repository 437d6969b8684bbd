package io.gemlab.experiments.bench;

import io.gemlab.reports.record.Provenance;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Runs a plan, cell after cell, in this process. */
public record BenchRun(BenchPlan plan, Provenance provenance) {
  /** Told how far a run has come. */
  public interface Watcher {
    /** What is being done from now on. */
    void now(String what);

    /** Another call was made. */
    void called();
  }

  /** Calls that a watcher is told of where no path refuses. */
  public long calls() {
    return (long) plan.cells().size() * CellRun.calls(plan);
  }

  public BenchOutcome run(Watcher watcher) {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    watcher.now("the machine's rates");
    MachineRates rates = MachineRates.measure(List.of(plan.precision()));
    List<CellResult> results = new ArrayList<>();
    for (BenchPlan.Cell cell : plan.cells()) {
      watcher.now(cell.label());
      results.add(new CellRun(plan, cell).run(watcher::called));
    }
    return new BenchOutcome(plan, rates, load, results, provenance);
  }
}
