package io.gemlab.experiments.ablate.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gemlab.experiments.SilentMonitor;
import io.gemlab.experiments.ablate.Ablation;
import io.gemlab.experiments.ablate.recipe.RecipeChoice;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an ablation says of times that other work disturbs. It needs a machine on which nothing else
 * runs, and says so where it has none.
 */
@Tag("slow")
class TimingUnderLoadTest {
  private static final String RECIPE =
      """
      name: under-load
      question: What do the arms cost?
      preset: tiny
      arms:
        - {name: control, attention: eager}
        - {name: window 16, attention: eager, config: {sliding_window: 16}}
        - name: 8 heads
          attention: eager
          config: {num_attention_heads: 8, num_key_value_heads: 4, head_dim: 16}
        - {name: all global, attention: blockwise, config: {layer_pattern: all_global}}
      timing: {paths: [graph, clustered], lengths: [128], batch: 1, samples: 5}
      """;

  private static final double TOLERANCE = 0.1;

  @TempDir Path folder;

  /** Other work: two threads that are busy for so many seconds, and then pause for as many. */
  static final class Load {
    public static void main(String[] seconds) {
      JavaProcess.endWithParent();
      long on = Long.parseLong(seconds[0]) * 1_000_000_000;
      long off = Long.parseLong(seconds[1]) * 1000;
      for (int thread = 0; thread < 2; thread++) {
        Thread.ofPlatform().start(() -> work(on, off));
      }
    }

    private static void work(long onNanos, long offMillis) {
      try {
        while (true) {
          long begin = System.nanoTime();
          while (System.nanoTime() - begin < onNanos) Thread.onSpinWait();
          Thread.sleep(offMillis);
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void ratiosHoldBesideWorkThatComesAndGoes() throws IOException {
    Map<String, Optional<Double>> quiet = ratios("quiet");
    assumeTrue(
        quiet.values().stream().allMatch(Optional::isPresent),
        "this machine is not quiet: " + quiet);
    assertEquals(6, quiet.size());
    Map<String, Optional<Double>> beside = beside(20, 20);
    quiet.forEach(
        (name, ratio) -> {
          double found = beside.get(name).orElseThrow();
          assertTrue(
              Math.abs(found / ratio.orElseThrow() - 1) < TOLERANCE, quiet + " and " + beside);
        });
  }

  /** Then nothing may be claimed, and it is said why. */
  @Test
  void underASteadyLoadNothingIsCompared() throws IOException {
    Map<String, Optional<Double>> ratios = beside(3600, 0);
    assertTrue(ratios.values().stream().allMatch(Optional::isEmpty), ratios::toString);
    String report = Files.readString(folder.resolve("beside/report.md"));
    for (String part :
        List.of(
            "This machine was not quiet",
            "step time is not compared: other work took",
            "% of the cores while it was measured")) {
      assertTrue(report.contains(part), part + " is not in " + report);
    }
  }

  private Map<String, Optional<Double>> beside(int onSeconds, int offSeconds) throws IOException {
    List<String> seconds = List.of(Integer.toString(onSeconds), Integer.toString(offSeconds));
    Process load =
        JavaProcess.of(Load.class, List.of(), seconds, folder.resolve("load.log")).start();
    try {
      return ratios("beside");
    } finally {
      load.destroyForcibly();
    }
  }

  /** The step time ratios that a run claims, by arm and path. */
  private Map<String, Optional<Double>> ratios(String name) throws IOException {
    Path recipe = Files.writeString(folder.resolve("recipe.yaml"), RECIPE);
    Path out = folder.resolve(name);
    RecipeChoice choice = new RecipeChoice(Optional.of(recipe), false, List.of());
    Ablation.of(choice, out, false, Provenance.getDefaultInstance()).run(new SilentMonitor());
    Timings timings =
        new Findings(choice.file().recipe(), RunRecords.readAll(out.resolve("runs")))
            .timings()
            .orElseThrow();
    Map<String, Optional<Double>> ratios = new LinkedHashMap<>();
    for (ExecutionPath path : timings.timing().paths()) {
      for (String arm : timings.others()) {
        ratios.put(
            arm + ", " + path.label(),
            timings.stepRatio(arm, path, timings.longest()).map(Timings.Ratio::ratio));
      }
    }
    return ratios;
  }
}
