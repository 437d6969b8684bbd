package io.gemlab.experiments.merge.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.merge.method.DropRescale;
import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.merge.recipe.MergeRecipeFile;
import io.gemlab.experiments.run.MemoryWatch;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Three models with the widths of Gemma 2 27B, and of its whole size, are merged in less than 3 GiB
 * of private memory, in a process of its own. Their files are holes, which take no disk.
 */
@Tag("slow")
class LargeMergeTest {
  private static final double LIMIT = 3L << 30;
  private static final int AT_ONCE = 1 << 20;
  private static final int STRIDE = 10;
  private static final String PEAK = "peak ";

  @TempDir Path folder;

  /** Two layers and the whole vocabulary, hashed and written to disk. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "warp        | {eta: [0.3, 1]}",
        "nuslerp     | {weight: 1, nuslerp_flatten: false}",
        "ties        | {weight: 1, density: 0.5}"
      })
  void twoLayersAreWritten(String method, String parameters)
      throws IOException, InterruptedException {
    models(2);
    assertSmall(
        method,
        "{merge_method: %s, base_model: init, models: [{model: one}, {model: two}], parameters: %s}"
            .formatted(method, parameters),
        folder.resolve("out").toString());
  }

  /** The whole model is planned, and a tenth of its tensors merged; what comes out is not kept. */
  @Test
  void ofAllLayersATenthIsMerged() throws IOException, InterruptedException {
    models(46);
    assertSmall(
        "warp, a tenth of all layers",
        "{merge_method: warp, base_model: init, models: [{model: one}, {model: two}], parameters: {eta: 0.3}}");
  }

  private void assertSmall(String what, String recipe, String... out)
      throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("merge.yml"), recipe);
    Path log = folder.resolve("log");
    List<String> arguments =
        out.length == 0 ? List.of(file.toString()) : List.of(file.toString(), out[0]);
    long begin = System.nanoTime();
    Process process = JavaProcess.of(LargeMergeTest.class, List.of(), arguments, log).start();
    int exitCode = process.waitFor();
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
    String said = Files.readString(log);
    assertEquals(0, exitCode, said);
    long peak =
        said.lines()
            .filter(line -> line.startsWith(PEAK))
            .mapToLong(line -> Long.parseLong(line.substring(PEAK.length())))
            .findFirst()
            .orElseThrow();
    System.out.printf(
        "%s: %.2f GiB of private memory, %d s%n", what, peak / (double) (1L << 30), seconds);
    assertTrue(peak > 0 && peak < LIMIT, said);
  }

  /** The process that is watched: merges a recipe into a folder, or into nothing. */
  public static void main(String[] arguments) {
    JavaProcess.endWithParent();
    MergeOptions options = new MergeOptions(false, DropRescale.NORM, 0);
    try (MemoryWatch memory = new MemoryWatch();
        MergePlan plan = MergePlan.of(MergeRecipeFile.read(Path.of(arguments[0])))) {
      if (arguments.length > 1) {
        new MergeRun(plan, options, Path.of(arguments[1]), 5_000_000_000L).write(false, _ -> {});
      } else {
        read(new MergedModels(plan, tensor -> options.arithmetic(plan.recipe(), tensor), _ -> {}));
      }
      System.out.println(PEAK + memory.anonymous());
    }
  }

  private static void read(MergedModels models) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate((long) AT_ONCE * Float.BYTES);
      List<MergedTensor> tensors = List.copyOf(models.all().getFirst().tensors().values());
      for (int number = 0; number < tensors.size(); number += STRIDE) {
        MergedTensor tensor = tensors.get(number);
        for (long left = tensor.toWrite().shape().elements(); left > 0; left -= AT_ONCE) {
          tensor.next(target.asSlice(0, Math.min(AT_ONCE, left) * Float.BYTES));
        }
      }
    }
  }

  private void models(int layers) throws IOException {
    ObjectNode json = Gemma2Presets.json("gemma2-27b").put("num_hidden_layers", layers);
    Gemma2Config config = ConfigJson.read(json, "27B");
    for (String name : List.of("init", "one", "two")) write(folder.resolve(name), config);
  }

  /** A checkpoint of zeros in bfloat16 that is a header and a hole. */
  private static void write(Path model, Gemma2Config config) throws IOException {
    Files.createDirectories(model);
    Files.writeString(model.resolve("config.json"), ConfigJson.write(config).toString());
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    long end = 0;
    for (WeightSpec weight : WeightSpec.of(config)) {
      ObjectNode tensor = header.putObject(weight.name()).put("dtype", "BF16");
      weight.shape().dimensions().forEach(tensor.putArray("shape")::add);
      long begin = end;
      end += weight.shape().elements() * Short.BYTES;
      tensor.putArray("data_offsets").add(begin).add(end);
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    byte[] length =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).array();
    try (RandomAccessFile file =
        new RandomAccessFile(model.resolve("model.safetensors").toFile(), "rw")) {
      file.write(length);
      file.write(json);
      file.setLength(Long.BYTES + json.length + end);
    }
  }
}
