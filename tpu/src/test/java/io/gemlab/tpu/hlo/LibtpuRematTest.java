package io.gemlab.tpu.hlo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.Depth.Layers;
import io.gemlab.graph.gemma2.Depth.Remat;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.tpu.hlo.export.HloExporter;
import io.gemlab.tpu.pjrt.CompileOptions;
import io.gemlab.tpu.pjrt.TopologySpec;
import io.gemlab.tpu.pjrt.compile.ChildCompiler;
import io.gemlab.tpu.pjrt.compile.CompileRequest;
import io.gemlab.tpu.pjrt.plugin.PluginFinder;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is computed again is really not kept: the compiler's temporaries fall. */
@Tag("tpu")
class LibtpuRematTest {
  private static final Gemma2Config ABLATION = Gemma2Presets.config("ablation");
  private static final Path LIBRARY =
      new PluginFinder(System.getenv()).find(PluginKind.TPU, Optional.empty()).require();

  @Test
  void temporariesFall() {
    long none = temporaries(Depth.PLAIN);
    long unrolled = temporaries(new Depth(Layers.UNROLLED, Remat.LAYER));
    long scanned = temporaries(new Depth(Layers.SCANNED, Remat.LAYER));
    String seen = "none %d, unrolled %d, scanned %d".formatted(none, unrolled, scanned);
    assertTrue(unrolled < 0.7 * none, seen);
    assertTrue(scanned < 0.7 * none, seen);
  }

  private static long temporaries(Depth depth) {
    HloModule step =
        HloExporter.export(Exports.trainStep(ABLATION, new EagerAttention(), 4, 1024, depth));
    return new ChildCompiler(Duration.ofMinutes(10))
        .compile(
            new CompileRequest(
                LIBRARY,
                TopologySpec.tpu("v5p:2x2x1"),
                CompileOptions.partitioned(1),
                step.toByteArray()))
        .memory()
        .temp();
  }
}
