package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.experiments.SmallModel;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import io.gemlab.reports.record.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BenchCommandTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path folder;
  private Path config;
  private Path out;

  @BeforeEach
  void writeConfig() throws IOException {
    config = folder.resolve("config.json");
    Files.writeString(config, ConfigJson.write(SmallModel.config()).toString());
    out = folder.resolve("out");
  }

  @Test
  void timesPrefillAndDecodingOfQuantizedWeights() throws IOException {
    String flags = "--generate --length 12 --new-tokens 4 --samples 5 --path graph --quantize int8";
    Gemlab bench = Gemlab.run(flags(flags, "--config", config, "--out", out));
    assertEquals(0, bench.exitCode(), bench.err());
    String row = bench.out().lines().toList().get(2);
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(report.contains("Decoding is fastest on the graph path: "), report);
    assertTrue(report.contains("| graph | "), report);
    assertTrue(Files.exists(out.resolve("report.html")));
    assertTrue(Files.exists(out.resolve("runs/generation.graph.run.pb")));
    assertTrue(
        row.matches("\\| graph (\\| [0-9.]+ \\([0-9.]+\\) ){3}\\| [0-9.]+ \\| 30 of 30 \\|"), row);
    String kernels = bench.out().lines().toList().get(3);
    assertEquals("Gemlab kernels on the graph path: 30 of 30 places", kernels);
    assertTrue(report.contains("graph: 30 of 30 places"), report);
  }

  /** Three rows, whose cache has four. */
  @Test
  void timesRowsThatAreDecodedTogether() throws IOException {
    String flags = "--generate --batch 3 --length 12 --new-tokens 4 --samples 5 --path graph";
    Gemlab bench = Gemlab.run(flags(flags, "--config", config, "--out", out));
    assertEquals(0, bench.exitCode(), bench.err());
    String[] row = bench.out().lines().toList().get(2).split(" *\\| *");
    double all = Double.parseDouble(row[3].split(" ")[0]);
    double one = Double.parseDouble(row[4].split(" ")[0]);
    assertEquals(3, all / one, 0.05, row[3] + " and " + row[4]);
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(report.contains(" tokens/s of 3 rows after 12 tokens each"), report);
  }

  /** Prefill too: of any number of rows. */
  @ParameterizedTest
  @CsvSource({"int8, w8a8", "int4, w4a8"})
  void activationsMayBeQuantizedToo(String weights, String label) throws IOException {
    String flags =
        "--generate --length 12 --new-tokens 4 --samples 5 --path graph --activations int8"
            + " --quantize "
            + weights;
    Gemlab bench = Gemlab.run(flags(flags, "--config", config, "--out", out));
    assertEquals(0, bench.exitCode(), bench.err());
    assertEquals(
        "Gemlab kernels on the graph path: 30 of 30 places", bench.out().lines().toList().get(3));
    assertTrue(Files.readString(out.resolve("report.md")).contains(label));
  }

  @Test
  void quantizingIsForGenerationOnly() {
    Gemlab bench = Gemlab.run("bench", "--quantize", "int8", "--out", out);
    assertEquals(2, bench.exitCode(), bench.err());
    assertEquals(
        "gemlab: --quantize means nothing without --generate; leave it out", bench.err().strip());
  }

  private static Object[] flags(String flags, Object... more) {
    return Stream.of(Stream.of("bench"), Stream.of(flags.split(" ")), Stream.of(more))
        .flatMap(part -> part)
        .toArray();
  }

  @Test
  @Tag("pjrt")
  void reportsOnADevice() throws IOException {
    Gemlab bench =
        Gemlab.run(
            "bench",
            "--config",
            config,
            "--path",
            "pjrt:cpu",
            "--batch",
            2,
            "--length",
            16,
            "--samples",
            5,
            "--out",
            out);
    assertEquals(0, bench.exitCode(), bench.err());
    List<RunRecord> runs = RunRecords.readAll(out.resolve("runs"));
    assertEquals(
        List.of("forward pass, pjrt:cpu", "training step, pjrt:cpu"),
        runs.stream().map(RunRecord::getArm).toList());
    assertEquals("pjrt:cpu", runs.getFirst().getExecution().getPathRan());
    assertTrue(runs.getFirst().getExecution().getNotes(0).startsWith("The device is cpu:0"));
    assertTrue(Files.readString(out.resolve("report.md")).contains("The device is cpu:0"));
  }

  @Test
  void refusesADeviceThatIsNotThereBeforeItWorks() {
    Gemlab bench = Gemlab.run("bench", "--path", "graph,pjrt:/nowhere/plugin.so", "--out", out);
    assertEquals(2, bench.exitCode(), bench.err());
    assertEquals(
        "gemlab: --path pjrt:/nowhere/plugin.so: /nowhere/plugin.so does not exist: check the path",
        bench.err().strip());
    assertFalse(Files.exists(out));
  }

  @Test
  void reportsOnAModel() throws IOException {
    Gemlab bench =
        Gemlab.run(
            "bench",
            "--config",
            config,
            "--path",
            "graph,fused",
            "--batch",
            2,
            "--length",
            16,
            "--samples",
            5,
            "--attention",
            "sdpa",
            "--allow-deviation",
            "--out",
            out);
    assertEquals(0, bench.exitCode(), bench.err());
    assertEquals("report: " + out.resolve("report.html"), bench.out().strip());

    List<RunRecord> runs = RunRecords.readAll(out.resolve("runs"));
    assertEquals(
        List.of(
            "forward pass, fused",
            "forward pass, graph",
            "training step, fused",
            "training step, graph"),
        runs.stream().map(RunRecord::getArm).toList());
    assertEquals(1, runs.getFirst().getExecution().getXlaClusters());
    assertEquals(5, runs.getFirst().getTurnsList().stream().map(Turn::getRound).distinct().count());
    assertEquals("softcap dropped", runs.getFirst().getDeviations(0).getRan());

    JsonNode report = JSON.readTree(out.resolve("report.json").toFile());
    String sections = report.findValuesAsText("title").stream().collect(Collectors.joining("\n"));
    for (String section :
        List.of("Speed", "Where the time of the training step goes", "What really ran")) {
      assertTrue(sections.contains(section), sections);
    }
    String text = Files.readString(out.resolve("report.md"));
    assertTrue(text.contains("softcap dropped"), "the deviation is told");
    assertTrue(text.contains("./gemlab bench --config "), "the command is told");
    assertTrue(text.contains("XLA: the whole function"), "the fused path's profile is told");
  }

  /** The products of a forward pass: 2 FLOP a token and parameter of the projections, and more. */
  @Test
  void countsTheFlopOfTheProducts() throws IOException {
    Gemlab bench =
        Gemlab.run(
            "bench",
            "--config",
            config,
            "--path",
            "eager",
            "--batch",
            1,
            "--length",
            8,
            "--samples",
            5,
            "--dtype",
            "float32",
            "--out",
            out);
    assertEquals(0, bench.exitCode(), bench.err());
    RunRecord forward = RunRecords.read(out.resolve("runs/forward-pass.eager.run.pb"));
    double flop =
        forward.getMeasurementsList().stream()
            .filter(one -> one.getName().equals("matrix products"))
            .findFirst()
            .orElseThrow()
            .getValue();
    // D 32, F 64, V 260; 2 heads and 1 key-value head of 16; 2 layers; 8 tokens.
    int projections = 2 * (32 * 32 + 2 * 32 * 16 + 32 * 32 + 3 * 32 * 64) + 260 * 32;
    int attention = 2 * 2 * 2 * 8 * 16; // layers, products, heads, keys, head_dim
    assertEquals(2.0 * 8 * (projections + attention), flop);
  }

  @Test
  void reportsOnOps() throws IOException {
    Gemlab bench =
        Gemlab.run(
            "bench",
            "--jmh",
            "--quick",
            "--config",
            config,
            "--op",
            "softcap",
            "--path",
            "clustered",
            "--length",
            16,
            "--out",
            out);
    assertEquals(0, bench.exitCode(), bench.err());
    JsonNode jmh = JSON.readTree(out.resolve("jmh.json").toFile());
    assertEquals(1, jmh.size());
    assertEquals("SOFTCAP", jmh.get(0).get("params").get("op").asText());
    assertEquals(5, jmh.get(0).get("primaryMetric").get("rawData").get(0).size());
    String text = Files.readString(out.resolve("report.md"));
    assertTrue(text.contains("| forward | 16 | clustered |"), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--preset tinny",
        "--preset tiny --config x",
        "--config nowhere.json",
        "--path graph,fusd",
        "--attention flash",
        "--attention sdpa",
        "--dtype int8",
        "--batch 0",
        "--length 1",
        "--samples 4",
        "--quick",
        "--op softcap",
        "--jmh --op softcapp",
        "--generate --samples 4",
        "--generate --batch 0",
        "--jmh --samples 9",
        "--jmh --attention eager",
        "--jmh --batch 0"
      })
  void badFlagsAreOneLineAndCode2(String flags) {
    String[] words = ("bench " + flags + " --out " + out).split(" ");
    Gemlab bench = Gemlab.run((Object[]) words);
    assertEquals(2, bench.exitCode(), bench.err());
    assertEquals(1, bench.err().lines().count(), bench.err());
    assertFalse(Files.exists(out), "nothing is left");
  }

  @Test
  void aFolderThatHoldsSomethingIsKept() throws IOException {
    Files.createDirectories(out);
    Files.writeString(out.resolve("mine.txt"), "mine");
    Gemlab bench = Gemlab.run("bench", "--preset", "tiny", "--out", out);
    assertEquals(2, bench.exitCode());
    assertTrue(bench.err().contains("mine.txt"), bench.err());
  }
}
