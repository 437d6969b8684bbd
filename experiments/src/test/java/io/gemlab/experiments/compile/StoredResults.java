package io.gemlab.experiments.compile;

import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.Precision;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.proto.HloProto;
import io.gemlab.tpu.mesh.Mesh;
import io.gemlab.tpu.pjrt.MemoryStatistics;
import io.gemlab.tpu.pjrt.compile.CompiledProgram;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The small model's prefill of 1 x 16 tokens, bfloat16, eager, as exported and as libtpu 0.0.52
 * compiled it for v5e:1x1, with the memory that it said; and the same of 4 x 16 tokens for v5e:2x2
 * as data=2,fsdp=2.
 */
final class StoredResults {
  private static final GraphFunction SMALL = compileCase().trace();

  static final long DEVICE_MEMORY = 16_909_336_064L;

  private StoredResults() {}

  static CompileCase compileCase() {
    return new CompileCase(
        "small prefill",
        ProgramKind.PREFILL,
        new ModelVariant(
            new ModelSpec(
                "small",
                SmallModel.config(),
                OpChoice.of(Choices.attention("eager")),
                Precision.BFLOAT16),
            OptionalInt.empty(),
            ModelVariant.Softcaps.ON,
            Depth.PLAIN.layers(),
            Depth.PLAIN.remat()),
        OptionalInt.of(1),
        16,
        Target.of("v5e:1x1"),
        Optional.empty());
  }

  /** The same of 4 x 16 tokens for four devices. */
  static CaseResult meshed() {
    CompileCase one = compileCase();
    CompileCase four =
        new CompileCase(
            one.name(),
            one.program(),
            one.model(),
            OptionalInt.empty(),
            16,
            Target.of("v5e:2x2"),
            Optional.of(Mesh.parse("data=2,fsdp=2")));
    return CaseResult.of(
        four,
        four.trace(),
        load("small-4x16.hlo.pb"),
        compiled(
            load("small-v5e-2x2.hlo.pb"),
            new MemoryStatistics(75_264, 24_576, 0, 901_120, 2_060_800, 219_136, 0)));
  }

  /** What is compared with is always the small program, whatever was asked for. */
  static HloModule exported() {
    return load("small.hlo.pb");
  }

  static CaseResult of(CaseOutcome outcome) {
    return of(compileCase(), outcome);
  }

  static CaseResult of(CompileCase compileCase, CaseOutcome outcome) {
    return CaseResult.of(compileCase, SMALL, exported(), outcome);
  }

  /** As compiled, but with another peak. */
  static CaseOutcome compiled(long peak) {
    return compiled(
        load("small-v5e.hlo.pb"), new MemoryStatistics(1_277_440, 128_512, 24_576, 0, 0, peak, 0));
  }

  private static CaseOutcome compiled(HloModule optimized, MemoryStatistics memory) {
    return CaseOutcome.Compiled.of(
        new CompiledProgram(
            optimized.toByteArray(),
            memory,
            Map.of(),
            List.of(),
            Optional.of("cafe"),
            new byte[1 << 20],
            new CompiledProgram.Compiler(
                "libtpu.so",
                "0.117",
                "TFRT TPU v5 lite",
                "TPU v5 lite",
                1,
                OptionalLong.of(DEVICE_MEMORY),
                Duration.ofMillis(1500),
                OptionalLong.empty())));
  }

  private static HloModule load(String name) {
    try (InputStream file = StoredResults.class.getResourceAsStream(name)) {
      return new HloModule(HloProto.parseFrom(file).getHloModule());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
