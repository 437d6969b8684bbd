package io.gemlab.experiments.bench;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.bench.GenerationSpeed.Timed;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.experiments.run.RunView;
import io.gemlab.reports.Numbers;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.record.Measurement.Better;
import io.gemlab.reports.record.Provenance;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import io.gemlab.reports.render.Block;
import io.gemlab.reports.render.Cell;
import io.gemlab.reports.render.Column;
import io.gemlab.reports.render.Report;
import io.gemlab.reports.render.Report.Section;
import io.gemlab.reports.render.RunBlocks;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.timing.MedianEstimate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The report of how fast rows are generated.
 *
 * @param speed what was asked
 * @param load threads that ran on the machine just before, on average over a minute; below 0 where
 *     the system does not tell
 * @param timed what was measured, a path each
 * @param provenance where the numbers come from
 */
public record GenerationReport(
    GenerationSpeed speed, double load, List<Timed> timed, Provenance provenance) {
  private static final Measure PREFILL = new Measure("prefill", "ms", Better.LOWER);
  private static final Measure DECODE = new Measure("decode, a token", "ms", Better.LOWER);
  private static final Measure WEIGHTS =
      new Measure("weights read, a token", "bytes", Better.NEITHER);

  public GenerationReport {
    timed = List.copyOf(timed);
  }

  /** Writes a record a path to {@code folder/runs} and the report beside them. */
  public ReportWriter.Written write(Path folder) {
    List<RunRecord> records = timed.stream().map(this::record).toList();
    try {
      for (RunRecord record : records)
        ReportWriter.write(folder.resolve("runs"), RunRecords.seal(record));
      return ReportWriter.write(folder, report(records));
    } catch (IOException e) {
      throw new UncheckedIOException("writing the report", e);
    }
  }

  private RunRecord record(Timed path) {
    RunRecord.Builder record =
        RunRecord.newBuilder()
            .setId("generation." + path.path().replaceAll("[^A-Za-z0-9._-]", "-"))
            .setExperiment("bench")
            .setArm("generation, " + path.path())
            .addFactors(Records.factor(RunView.PATH, path.path()))
            .setProvenance(provenance)
            .setRecipeYaml(yaml())
            .setStarted(path.started())
            .setEnded(path.ended())
            .addMeasurements(PREFILL.median(millis(path.prefillSeconds(), 1)))
            .addMeasurements(DECODE.median(millis(path.decodeSeconds(), speed.newTokens())))
            .addMeasurements(WEIGHTS.of(path.weightBytes()))
            .setOutcome(Records.complete());
    speed.model().model().deviation().map(Records::deviation).ifPresent(record::addDeviations);
    return record.build();
  }

  private String yaml() {
    ObjectNode chosen = JsonNodeFactory.instance.objectNode();
    chosen.put("rows", speed.rows());
    chosen.put("prompt", speed.prompt());
    chosen.put("new_tokens", speed.newTokens());
    chosen.put("samples", speed.samples());
    return BenchRun.yaml(speed.model(), chosen);
  }

  private Report report(List<RunRecord> records) {
    List<Block> summary = new ArrayList<>(BenchReport.notices(load, provenance));
    summary.add(table());
    return new Report(
        "Generation speed of the model " + speed.model().name(),
        "How fast does this machine prefill prompts and decode after them, on which path?",
        answer(),
        BenchReport.byline(
            speed.model(),
            provenance,
            "%s, %d + %d tokens".formatted(rows(), speed.prompt(), speed.newTokens())),
        summary,
        List.of(
            new Section("Gemlab kernels in a decoding step", List.of(kernels())),
            new Section("How it was measured", List.of(Block.Paragraph.of(method()))),
            new Section("Refusals and deviations", RunBlocks.departures(records)),
            new Section("Where the numbers come from", RunBlocks.provenance(provenance))));
  }

  private String answer() {
    Timed fastest =
        timed.stream().min(Comparator.comparingDouble(path -> decode(path).median())).orElseThrow();
    return "Decoding is fastest on the %s path: %s tokens/s of %s after %d tokens each, which take %s ms."
        .formatted(
            fastest.path(),
            Numbers.significant(1e3 * speed.rows() / decode(fastest).median(), 3),
            rows(),
            speed.prompt(),
            Numbers.significant(prefill(fastest).median(), 3));
  }

  private String rows() {
    return speed.rows() == 1 ? "one row" : speed.rows() + " rows";
  }

  private Block table() {
    return new Block.Table(
        "Of %s, each %d tokens and %d after them, %s: median of %d generations with its 95 %% confidence interval; tokens/s are of all rows."
            .formatted(
                rows(), speed.prompt(), speed.newTokens(), speed.model().type(), speed.samples()),
        List.of(
            Column.text("path"),
            Column.estimate(new Quantity("prefill", "ms")),
            Column.estimate(new Quantity("prefill", "tokens/s")),
            Column.estimate(new Quantity("decode", "ms/step")),
            Column.estimate(new Quantity("decode", "tokens/s")),
            Column.estimate(new Quantity("decode, a row", "tokens/s")),
            Column.number(new Quantity("weights read", "GB/s"))),
        timed.stream().map(this::row).toList());
  }

  private List<Cell> row(Timed path) {
    MedianEstimate prefill = prefill(path);
    MedianEstimate decode = decode(path);
    return List.of(
        Cell.text(path.path()),
        Cell.estimate(prefill.median(), prefill.interval()),
        rate(speed.rows() * speed.prompt(), prefill),
        Cell.estimate(decode.median(), decode.interval()),
        rate(speed.rows(), decode),
        rate(1, decode),
        Cell.number(path.weightBytes() / decode.median() / 1e6));
  }

  private static Cell rate(int tokens, MedianEstimate millis) {
    Interval interval = millis.interval();
    return Cell.estimate(
        1e3 * tokens / millis.median(),
        new Interval(
            1e3 * tokens / interval.high(), 1e3 * tokens / interval.low(), interval.confidence()));
  }

  private Block kernels() {
    return new Block.Bullets(
        timed.stream()
            .map(path -> Block.Paragraph.of(path.path() + ": " + path.kernels().described()))
            .toList());
  }

  private MedianEstimate prefill(Timed path) {
    return MedianEstimate.of(millis(path.prefillSeconds(), 1), NINETY_FIVE);
  }

  private MedianEstimate decode(Timed path) {
    return MedianEstimate.of(millis(path.decodeSeconds(), speed.newTokens()), NINETY_FIVE);
  }

  private static List<Double> millis(List<Double> seconds, int each) {
    return seconds.stream().map(one -> 1e3 * one / each).toList();
  }

  private static String method() {
    return "All paths run in one process, one after the other, with fresh weights and a prompt a row"
        + " of tokens at random, decoded greedily, all rows in one step. Generations warm up for %d seconds and at least"
            .formatted(GenerationSpeed.WARM_UP.toSeconds())
        + " once, and are left out. Prefill is from the call to the first tokens, decoding from"
        + " there to the last. Weights read are the bytes of all weights and scales, which each"
        + " step reads once, over the time of a step. Intervals are percentile bootstraps of the"
        + " median.";
  }
}
