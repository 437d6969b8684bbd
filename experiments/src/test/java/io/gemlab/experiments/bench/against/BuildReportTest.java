package io.gemlab.experiments.bench.against;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.reports.record.Measurement.Better;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds are stood for by scripts that answer with records made here, another one each round. */
class BuildReportTest {
  private static final String LAUNCHER =
      """
      #!/bin/sh
      home=$(dirname "$0")
      echo "$*" >>"$home/calls"
      if [ "$1" = --version ]; then exit 0; fi
      if [ -e "$home/broken" ]; then echo "no such flag"; exit 2; fi
      for argument; do
        case $argument in --out=*) out=${argument#--out=} ;; esac
      done
      round=$(grep -c ^bench "$home/calls")
      mkdir -p "$out"
      cp -r "$home/$round" "$out/runs"
      """;

  @TempDir Path folder;

  @Test
  void saysWhatIsBeyondNoise() throws IOException, InterruptedException {
    Path ours = build("ours", List.of(10.0, 10.2, 9.9), List.of(5.0, 5.2, 4.9));
    Path theirs = build("theirs", List.of(20.1, 20.2, 19.9), List.of(5.1, 4.9, 5.0));
    Path out = folder.resolve("out");
    List<String> turns = new ArrayList<>();
    BuildReport report = report(ours, theirs, out, turns);

    assertEquals(List.of(), report.failures());
    String decode = report.findings().getFirst();
    assertTrue(decode.startsWith("decode, graph, a token: 0.994 times as fast [0."), decode);
    assertTrue(decode.endsWith("], within noise"), decode);
    String training = report.findings().getLast();
    assertTrue(training.startsWith("training step, graph: 2.000 times as fast [1."), training);
    assertTrue(training.endsWith("], faster beyond noise"), training);
    assertEquals(
        List.of(
            "round 1, graph, this build",
            "round 1, graph, other build",
            "round 2, graph, other build",
            "round 2, graph, this build",
            "round 3, graph, this build",
            "round 3, graph, other build"),
        turns);
    assertTrue(
        Files.readString(theirs.resolve("calls"))
            .contains("bench --samples=5 --path=graph --out="));
    String text = Files.readString(out.resolve("report.md"));
    assertTrue(text.contains("| training step, graph |"), text);
    assertTrue(text.contains("their-commit"), text);
  }

  @Test
  void aBuildThatFailsIsNamed() throws IOException, InterruptedException {
    Path ours = build("ours", List.of(10.0, 10.2, 9.9), List.of(5.0, 5.2, 4.9));
    Path theirs = build("theirs", List.of(20.1, 20.2, 19.9), List.of(5.1, 4.9, 5.0));
    Files.createFile(theirs.resolve("broken"));
    BuildReport report = report(ours, theirs, folder.resolve("out"), new ArrayList<>());
    assertEquals(
        List.of("graph: the other build failed: " + theirs + ": no such flag"), report.failures());
    assertEquals(List.of(), report.findings());
  }

  @Test
  void aFolderWithoutLauncherIsRefused() {
    InvalidInput refused = assertThrows(InvalidInput.class, () -> new Build(folder));
    assertEquals(
        folder
            + " holds no program gemlab; give the folder of a checkout of Gemlab, such as one that"
            + " git worktree made",
        refused.getMessage());
  }

  private static BuildReport report(Path ours, Path theirs, Path out, List<String> turns)
      throws InterruptedException {
    return BuildReport.make(
        new BuildComparison(
            new Build(ours), new Build(theirs), List.of("--samples=5"), List.of("graph"), 3),
        out,
        Provenance.getDefaultInstance(),
        turns::add);
  }

  private Path build(String name, List<Double> step, List<Double> decode) throws IOException {
    Path home = Files.createDirectory(folder.resolve(name));
    Path launcher = home.resolve("gemlab");
    Files.writeString(launcher, LAUNCHER);
    assertTrue(launcher.toFile().setExecutable(true));
    for (int round = 0; round < step.size(); round++) {
      Path records = Files.createDirectory(home.resolve(Integer.toString(round + 1)));
      write(records, "training step, graph", "time", step.get(round));
      write(records, "decode, graph", "a token", decode.get(round));
    }
    return home;
  }

  private static void write(Path folder, String arm, String name, double millis)
      throws IOException {
    RunRecord record =
        RunRecord.newBuilder()
            .setId(arm.replaceAll("\\W+", "-"))
            .setExperiment("bench")
            .setArm(arm)
            .setStarted(Records.now())
            .setEnded(Records.now())
            .setProvenance(Provenance.newBuilder().setGitCommit("their-commit"))
            .setOutcome(Records.complete())
            .addMeasurements(
                new Measure(name, "ms", Better.LOWER).median(List.of(millis, millis, millis + 1)))
            .build();
    ReportWriter.write(folder, RunRecords.seal(record));
  }
}
