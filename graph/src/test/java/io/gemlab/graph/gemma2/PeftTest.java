package io.gemlab.graph.gemma2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gemlab.graph.TestFiles;
import io.gemlab.graph.base.adapter.AdapterFolder;
import io.gemlab.graph.base.adapter.SmallAdapter;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.weights.LoadProgress;
import io.gemlab.graph.weights.ModelWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.types.TFloat32;

/** PEFT reads our adapters and we read PEFT's, and the logits agree. */
@Tag("slow")
class PeftTest {
  private static final String PYTHON = "GEMLAB_PYTHON";
  private static final String BASE = "ckpt_f32";

  @TempDir Path parent;

  @Test
  void logitsAgreeBothWays() throws IOException, InterruptedException {
    String python = System.getenv(PYTHON);
    String skipped =
        "Not proved: that PEFT reads our adapters. Set %s to a Python with".formatted(PYTHON)
            + " torch, transformers, safetensors and peft.";
    if (python == null) System.out.println(skipped);
    assumeTrue(python != null, skipped);

    Path ours = SmallAdapter.write(SmallAdapter.ALL, parent.resolve("ours"));
    ProcessBuilder builder =
        new ProcessBuilder(
            python,
            TestFiles.resource("python/load_adapter.py").toString(),
            TestFiles.golden(BASE).toString(),
            ours.toString(),
            TestFiles.golden("A.safetensors").toString(),
            parent.toString());
    builder.environment().put("HF_HUB_OFFLINE", "1");
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("loaded 56 factors"), output);

    for (String name : List.of("ours", "theirs")) {
      DepthTest.assertClose(
          name, read(parent.resolve(name + ".safetensors")), logits(parent.resolve(name)), 1e-4);
    }
  }

  private static float[] read(Path file) {
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      HostTensor logits = HostTensor.zeros(ElementType.F32, opened.tensor("logits").shape());
      opened.readFloat32("logits", logits.data());
      return logits.floats();
    }
  }

  private static float[] logits(Path adapter) {
    try (AdapterFolder factors = AdapterFolder.open(adapter);
        HfCheckpoint base = HfCheckpoint.open(TestFiles.golden(BASE))) {
      Gemma2Model<TFloat32> model = Golden.model(BASE).with(factors.lora());
      Parameters parameters = Parameters.of(model, ElementType.F32);
      GraphFunction forward =
          new ForwardPass<>(model, Golden.batch("A").rows(), Golden.batch("A").length())
              .trace("forward", ForwardPass.Returns.LOGITS_ONLY);
      try (Executable executable = new EagerPath().load(List.of(forward))) {
        ModelWeights.load(base, parameters, executable, LoadProgress.IGNORED);
        ModelWeights.loadAdapter(factors, parameters, executable);
        try (Results results = executable.run("forward", Golden.batch("A").arguments())) {
          return results.get(ForwardPass.LOGITS).floats();
        }
      }
    }
  }
}
