package io.gemlab.tpu.hlo.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.tpu.hlo.Exports;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.export.HloExporter;
import io.gemlab.tpu.pjrt.CompileOptions;
import io.gemlab.tpu.pjrt.TopologySpec;
import io.gemlab.tpu.pjrt.compile.ChildCompiler;
import io.gemlab.tpu.pjrt.compile.CompileRequest;
import io.gemlab.tpu.pjrt.compile.CompiledProgram;
import io.gemlab.tpu.pjrt.plugin.PluginFinder;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Our counts beside libtpu's own, on programs without loops for one device. FLOPs within 2% of the
 * program as exported: a compiler may compute element-wise values again. Of the program it made,
 * FLOPs and transcendentals within 0.2%.
 */
@Tag("tpu")
class LibtpuCostTest {
  private static final Path LIBRARY =
      new PluginFinder(System.getenv()).find(PluginKind.TPU, Optional.empty()).require();

  static Stream<Arguments> programs() {
    Gemma2Config ablation = Gemma2Presets.config("ablation");
    return Stream.<Attention>of(new EagerAttention(), BlockwiseAttention.auto())
        .flatMap(
            attention ->
                Stream.of(
                    Arguments.of(
                        attention.label() + " forward",
                        Exports.forward(ablation, attention, 1, 512)),
                    Arguments.of(
                        attention.label() + " step",
                        Exports.trainStep(ablation, attention, 1, 512))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("programs")
  void flopsAgree(String name, GraphFunction function) {
    HloModule exported = HloExporter.export(function);
    CompiledProgram program =
        new ChildCompiler(Duration.ofMinutes(5))
            .compile(
                new CompileRequest(
                    LIBRARY,
                    new TopologySpec("v5p:2x2x1", List.of()),
                    CompileOptions.partitioned(1),
                    exported.toByteArray()));
    double flops = program.costs().get("flops");
    double transcendentals = program.costs().get("transcendentals");
    Cost before = HloCost.of(exported).total();
    Cost after = HloCost.of(HloModule.of(program.optimized())).total();
    assertEquals(flops, before.flops(), 0.02 * flops);
    assertEquals(flops, after.flops(), 0.002 * flops);
    assertEquals(transcendentals, after.transcendentals(), 0.002 * transcendentals);
  }
}
