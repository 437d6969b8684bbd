package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.experiments.SmallModel;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.gemma2.WeightSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code gemlab logits} and {@code gemlab step} on a small checkpoint. */
class CrosscheckCommandsTest {
  @TempDir static Path shared;
  private static Path checkpoint;
  private static Path ids;

  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    checkpoint = SmallModel.checkpoint(shared);
    ids = SmallModel.ids(shared);
  }

  @Test
  void writesLogitsAndHiddenStates() {
    Path file = folder.resolve("logits.safetensors");
    Gemlab run = logits(file, "--path", "graph", "--hidden-states");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.err().contains("ran on the graph path"), run.err());
    try (SafetensorsFile written = SafetensorsFile.open(file)) {
      assertEquals(
          List.of("hidden.embed", "hidden.final_norm", "hidden.layer0", "hidden.layer1", "logits"),
          written.tensors().keySet().stream().sorted().toList());
      assertEquals(TensorShape.of(2, 12, 260), written.tensors().get("logits").shape());
      assertEquals(ElementType.F32, written.tensors().get("logits").type());
    }
  }

  @Test
  void attentionsAgreeAndTheCapIsApplied() {
    float[] eager = golden("eager");
    float[] blockwise = golden("blockwise", "--attention", "blockwise");
    float[] uncapped = golden("off", "--softcap", "off");
    float[] dropped = golden("sdpa", "--attention", "sdpa", "--allow-deviation");
    assertArrayEquals(atTokens(eager), atTokens(blockwise), 1e-4f);
    // Both caps are gone there, and only the attention's here.
    float[] capped = uncapped.clone();
    for (int i = 0; i < capped.length; i++) capped[i] = (float) (30 * Math.tanh(capped[i] / 30));
    assertArrayEquals(atTokens(capped), atTokens(dropped), 1e-4f);
    assertTrue(largestDifference(uncapped, dropped) > 1e-2, "the logits' cap");
    assertTrue(largestDifference(eager, dropped) > 1e-3, "the attention's cap");
  }

  /** Logits of the golden checkpoint, whose weights are large enough for caps to matter. */
  private float[] golden(String name, String... flags) {
    List<String> words = new ArrayList<>(List.of("--path", "graph", "--checkpoint"));
    words.add(GoldenFiles.of("golden/ckpt_f32").toString());
    words.addAll(List.of(flags));
    return values(name, words.toArray(String[]::new));
  }

  private static double largestDifference(float[] a, float[] b) {
    float[] x = atTokens(a);
    float[] y = atTokens(b);
    return IntStream.range(0, x.length).mapToDouble(i -> Math.abs(x[i] - y[i])).max().orElseThrow();
  }

  /** Close to the floats', and the farther the fewer bits. */
  @Test
  void weightsMayBeQuantized() {
    float[] floats = values("floats", "--path", "graph");
    double int8 =
        largestDifference(floats, values("int8", "--path", "graph", "--quantize", "int8"));
    double int4 =
        largestDifference(floats, values("int4", "--path", "graph", "--quantize", "int4"));
    assertTrue(0 < int8 && int8 < int4 && int4 < 1, int8 + " and " + int4);
    String[] both = {"--path", "graph", "--quantize", "int8", "--activations", "int8"};
    double activationsToo = largestDifference(floats, values("w8a8", both));
    assertTrue(int8 < activationsToo && activationsToo < 1, int8 + " and " + activationsToo);
    String[] int4Both = {"--path", "graph", "--quantize", "int4", "--activations", "int8"};
    double int4Too = largestDifference(floats, values("w4a8", int4Both));
    assertTrue(int8 < int4Too && int4Too < 1 && int4Too != int4, int4 + " and " + int4Too);
  }

  @Test
  @Tag("pjrt")
  void deviceAgreesAndIsTold() {
    float[] graph = values("graph", "--path", "graph");
    assertArrayEquals(atTokens(graph), atTokens(values("cpu", "--path", "pjrt:cpu")), 1e-4f);
    Gemlab run = step(folder.resolve("stepped"), "--steps", "2", "--path", "pjrt:cpu");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.err().contains("ran on the pjrt:cpu path"), run.err());
    assertTrue(run.err().contains("The device is cpu:0, kind cpu"), run.err());
  }

  @Test
  @Tag("pjrt")
  void aMeshOfDevicesAgreesAndIsTold() {
    float[] graph = values("graph", "--path", "graph");
    String[] mesh = {"--path", "pjrt:cpu", "--mesh", "fsdp=2"};
    assertArrayEquals(atTokens(graph), atTokens(values("mesh", mesh)), 1e-4f);
    Gemlab one = step(folder.resolve("one"), "--steps", "2", "--path", "pjrt:cpu");
    Gemlab run =
        step(
            folder.resolve("stepped"),
            Stream.concat(Stream.of("--steps", "2"), Stream.of(mesh)).toArray(String[]::new));
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(
        run.err().contains("ran on the pjrt:cpu over data=1,fsdp=2,model=1 path"), run.err());
    assertTrue(run.err().contains("The device is cpu:0 and 1 more, kind cpu"), run.err());
    double[][] losses = new double[2][];
    for (int i = 0; i < 2; i++) losses[i] = losses(List.of(one, run).get(i).out());
    assertArrayEquals(losses[0], losses[1], 1e-4);
  }

  private static double[] losses(String said) {
    String list = said.substring(said.indexOf('[') + 1, said.indexOf(']'));
    return Stream.of(list.split(", ")).mapToDouble(Double::parseDouble).toArray();
  }

  /** libtpu without a TPU. */
  @Test
  @Tag("tpu")
  void deviceThatIsNotThereIsOneLine() {
    Gemlab run = logits(folder.resolve("never.safetensors"), "--path", "pjrt:tpu");
    assertEquals(2, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains("libtpu.so has no device to run on here"), run.err());
    assertFalse(Files.exists(folder.resolve("never.safetensors")));
  }

  @Test
  void rowsBeyondTheContextAreCautionedAbout() throws IOException {
    Path limited = Files.createDirectory(folder.resolve("short"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(checkpoint.resolve(name), limited.resolve(name));
    }
    String config = Files.readString(limited.resolve("config.json"));
    Files.writeString(
        limited.resolve("config.json"),
        config.replaceFirst("\"max_position_embeddings\": \\d+", "\"max_position_embeddings\": 8"));
    Gemlab run = logits(folder.resolve("x"), "--path", "graph", "--checkpoint", limited.toString());
    assertEquals(0, run.exitCode(), run.err());
    String caution = "caution: rows have 12 tokens, but max_position_embeddings is 8";
    assertTrue(run.err().contains(caution), run.err());
  }

  @Test
  void aDroppedCapIsTold() {
    Gemlab run =
        logits(folder.resolve("x"), "--path", "graph", "--attention", "sdpa", "--allow-deviation");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.err().contains("deviation: attention: asked softcap 50.0, ran softcap dropped"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--attention sdpa | sdpa attention refuses",
        "--attention flash | attention \"flash\" is not known",
        "--path gpu | path \"gpu\" is not known",
        "--path pjrt:tpx | path \"pjrt:tpx\" is not known; did you mean pjrt:tpu?",
        "--path pjrt:/nowhere/plugin.so | /nowhere/plugin.so does not exist",
        "--path pjrt:pom.xml | pom.xml can't be loaded",
        "--mesh data=2 | mesh data=2,fsdp=1,model=1 needs the path of a device, and the path is"
            + " clustered: give one of pjrt:tpu, pjrt:cuda, pjrt:cpu, pjrt:FILE, or no mesh",
        "--path pjrt:cpu --mesh data=2,tensor=2 | mesh \"data=2,tensor=2\" can't be read at",
        "--path pjrt:cpu --mesh data=5 | data=5,fsdp=1 can't share out the rows of the batch, 2,",
        "--path pjrt:cpu --mesh model=2 | model=2 can't share out num_key_value_heads, 1, evenly; the"
            + " nearest mesh that works on 2 is data=2,fsdp=1,model=1",
        "--quantize int2 | quantize \"int2\" is not known",
        "--quantize int8 --activations int4 | activations \"int4\" is not known",
        "--activations int8 | give --quantize int8 or int4 with it",
        "--dtype float8 | dtype \"float8\" is not known",
        "--checkpoint nowhere | nowhere is not a folder",
        "--ids nowhere.json | nowhere.json does not exist",
        "--out no/such/folder/file | there is no folder"
      })
  void refusesInOneLine(String flags, String message) {
    Gemlab run = logits(folder.resolve("never.safetensors"), flags.split(" "));
    assertEquals(2, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(message), run.err());
    assertFalse(Files.exists(folder.resolve("never.safetensors")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | input_ids is missing",
        "{\"input_ids\": []} | give a list of rows",
        "{\"input_ids\": [[]]} | give a list of numbers",
        "{\"input_ids\": [[1, 260]]} | input_ids[0][1] is \"260\"; give a whole number from 0 to 259",
        "{\"input_ids\": [[1, 2], [3]]} | row 1 has 1 ids and row 0 has 2",
        "{\"input_ids\": [[1, 2]], \"attention_mask\": [[1]]} | attention_mask has not the shape",
        "{\"input_ids\": [[1, 2, 3]], \"attention_mask\": [[1, 0, 1]]} | padding between tokens",
        "{\"ids\": [[1]]} | has the key \"ids\""
      })
  void refusesIdsInOneLine(String json, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("ids.json"), json);
    Gemlab run = logits(folder.resolve("never.safetensors"), "--ids", file.toString());
    assertEquals(2, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(message), run.err());
  }

  @Test
  void stepsWriteCheckpointLossesAndGradients() {
    Path out = folder.resolve("stepped");
    Path gradients = folder.resolve("gradients.safetensors");
    Gemlab run = step(out, "--steps", "2", "--gradients", gradients.toString());
    assertEquals(0, run.exitCode(), run.err());
    JsonNode losses = JsonFile.readObject(out.resolve("step.json")).get("losses");
    assertEquals(3, losses.size());
    assertTrue(losses.get(2).asDouble() < losses.get(0).asDouble());
    try (HfCheckpoint stepped = HfCheckpoint.open(out);
        SafetensorsFile written = SafetensorsFile.open(gradients)) {
      stepped.requireExactly(WeightSpec.shapes(SmallModel.config()));
      assertEquals(stepped.tensors().keySet(), written.tensors().keySet());
    }
  }

  @Test
  void stepRefusesATakenFolderBeforeItWorks() throws IOException {
    Files.writeString(folder.resolve("mine.txt"), "keep");
    Gemlab run = step(folder, "--steps", "1");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("already holds mine.txt"), run.err());
    assertEquals("keep", Files.readString(folder.resolve("mine.txt")));
  }

  private static Gemlab step(Path out, String... more) {
    return run("step", out, more);
  }

  private static Gemlab logits(Path out, String... more) {
    return run("logits", out, more);
  }

  /** Flags that come twice count as they come last. */
  private static Gemlab run(String command, Path out, String... more) {
    List<Object> words = new ArrayList<>(List.of(command));
    List<String> given = List.of(more);
    if (!given.contains("--checkpoint")) words.addAll(List.of("--checkpoint", checkpoint));
    if (!given.contains("--ids")) words.addAll(List.of("--ids", ids));
    if (!given.contains("--out")) words.addAll(List.of("--out", out));
    words.addAll(given);
    return Gemlab.run(words.toArray());
  }

  /** Without the second row's padding, where values mean nothing. */
  private static float[] atTokens(float[] logits) {
    float[] tokens = logits.clone();
    int vocabulary = logits.length / (2 * 12);
    Arrays.fill(tokens, 12 * vocabulary, 15 * vocabulary, 0);
    return tokens;
  }

  private float[] values(String name, String... flags) {
    Path file = folder.resolve(name);
    Gemlab run = logits(file, flags);
    assertEquals(0, run.exitCode(), run.err());
    try (SafetensorsFile written = SafetensorsFile.open(file)) {
      HostTensor logits =
          HostTensor.zeros(ElementType.F32, written.tensors().get("logits").shape());
      written.readFloat32("logits", logits.data());
      return logits.floats();
    }
  }
}
