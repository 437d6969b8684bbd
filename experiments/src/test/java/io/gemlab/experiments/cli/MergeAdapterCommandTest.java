package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.GoldenFiles;
import io.gemlab.graph.base.adapter.AdapterFolder;
import io.gemlab.graph.base.adapter.Lora;
import io.gemlab.graph.base.adapter.LoraFactor;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.TensorInfo;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code gemlab merge-adapter}; what it adds, {@code AdapterFolderTest} checks. */
class MergeAdapterCommandTest {
  private static final Path BASE = GoldenFiles.of("golden/ckpt_f32");

  @TempDir Path folder;

  private Path adapter;
  private Path out;

  @BeforeEach
  void write() {
    adapter = folder.resolve("adapter");
    out = folder.resolve("merged");
    Lora lora = new Lora(3, 6, List.of(Lora.ALL_LINEAR));
    List<TensorToWrite> factors = new ArrayList<>();
    try (HfCheckpoint base = HfCheckpoint.open(BASE)) {
      for (TensorInfo weight : base.tensors().values()) {
        if (!lora.targets(weight.name())) continue;
        for (LoraFactor factor : LoraFactor.values()) {
          factors.add(
              TensorToWrite.exactly(
                  factor.of(weight.name()),
                  HostTensor.zeros(ElementType.F32, factor.shape(weight.shape(), lora.rank()))));
        }
      }
    }
    AdapterFolder.write(adapter, lora, "base", factors);
  }

  @Test
  void keepsTheBasesTypeAndFiles() {
    Gemlab run = merge(BASE, adapter);
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("of rank 3 added to 28 matrices"), run.out());
    assertFalse(run.out().contains("rounded"), run.out());
    try (HfCheckpoint base = HfCheckpoint.open(BASE);
        HfCheckpoint merged = HfCheckpoint.open(out)) {
      assertEquals(base.tensors().keySet(), merged.tensors().keySet());
      assertEquals(base.files().config(), merged.files().config());
      assertEquals(base.files().companions().keySet(), merged.files().companions().keySet());
    }
  }

  @Test
  void saysThatSumsAreRounded() {
    Gemlab run = merge(BASE, adapter, "--dtype", "bf16");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("rounded to bfloat16"), run.out());
    try (HfCheckpoint merged = HfCheckpoint.open(out)) {
      merged.tensors().values().forEach(tensor -> assertEquals(ElementType.BF16, tensor.type()));
    }
  }

  @Test
  void whatDoesNotFitIsRefusedAndNothingWritten() {
    refused("has no adapter_config.json", merge(BASE, BASE));
    refused("adapter", merge(adapter, adapter));
    refused("dtype \"int8\" is not known", merge(BASE, adapter, "--dtype", "int8"));
    Path small = folder.resolve("small");
    Gemlab.run("random-checkpoint", "--preset", "tiny", "--out", small);
    refused("name the model that it was trained from, \"base\"", merge(small, adapter));
    assertFalse(Files.exists(out));
    assertEquals(0, merge(BASE, adapter).exitCode());
    refused("already holds", merge(BASE, adapter));
  }

  private Gemlab merge(Path base, Path factors, Object... more) {
    Object[] words = {"merge-adapter", "--checkpoint", base, "--adapter", factors, "--out", out};
    Object[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return Gemlab.run(all);
  }

  private static void refused(String reason, Gemlab run) {
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(reason), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
  }
}
