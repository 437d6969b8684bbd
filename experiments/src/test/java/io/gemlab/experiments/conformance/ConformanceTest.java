package io.gemlab.experiments.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.eager.EagerPath;
import io.gemlab.graph.quantize.Quantization;
import io.gemlab.ops.Precision;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.ops.attention.SdpaAttention;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** The probes on our paths; all configurations take {@code gemlab conformance} minutes. */
class ConformanceTest {
  static final List<ExecutionPath> PATHS = Choices.PATHS;

  /** Where nothing has to be compiled; float32 is the command's test. */
  @Test
  void everyAttentionPassesInNarrowTypes() throws IOException {
    List<Configuration> configurations =
        Stream.of(new EagerAttention(), new SdpaAttention(), BlockwiseAttention.auto())
            .flatMap(
                attention ->
                    Stream.of(Precision.BFLOAT16, Precision.FLOAT16)
                        .map(type -> new Configuration(new EagerPath(), attention, type)))
            .toList();
    ConformanceOutcome outcome =
        run(List.of(Probe.ATTENTION_SOFTCAP, Probe.WINDOW), configurations);
    assertEquals(List.of(), outcome.wrong());
    assertEquals(2 * 3 * 2 * 3, outcome.findings().size());
    for (Finding finding : outcome.findings()) {
      boolean refused = finding.outcome() instanceof Finding.Refused;
      boolean blockwise = finding.configuration().attention() instanceof BlockwiseAttention;
      assertEquals(blockwise && finding.cache() != CacheMode.WHOLE_ROWS, refused);
      if (finding.configuration().attention() instanceof SdpaAttention) {
        assertEquals("the attention's softcap dropped", finding.words());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"INT8", "INT4", "W8A8", "W4A8"})
  void quantizedWeightsPass(Quantization quantization) throws IOException {
    Configuration configuration =
        new Configuration(new EagerPath(), new EagerAttention(), Precision.BFLOAT16, quantization);
    ConformanceOutcome outcome = run(List.of(Probe.ATTENTION_SOFTCAP), List.of(configuration));
    assertEquals(List.of(), outcome.wrong());
    assertEquals(3, outcome.findings().size());
  }

  @ParameterizedTest(name = "{0}")
  @FieldSource("PATHS")
  void everyPathAppliesTheSoftcap(ExecutionPath path) throws IOException {
    ConformanceOutcome outcome =
        run(
            List.of(Probe.ATTENTION_SOFTCAP),
            List.of(new Configuration(path, new EagerAttention(), Precision.BFLOAT16)));
    assertEquals(List.of(), outcome.wrong());
    assertEquals(CacheMode.values().length, outcome.findings().size());
  }

  @Test
  void aPathThatDropsTheCapIsCaught() throws IOException {
    ConformanceOutcome outcome =
        run(
            List.of(Probe.ATTENTION_SOFTCAP),
            List.of(
                new Configuration(new ForgetfulPath(), new EagerAttention(), Precision.FLOAT32)));
    assertEquals(outcome.findings(), outcome.wrong());
    for (Finding finding : outcome.findings()) {
      assertEquals("the attention's softcap dropped", finding.words());
    }
  }

  private static ConformanceOutcome run(List<Probe> probes, List<Configuration> configurations)
      throws IOException {
    return new Conformance(probes, configurations).run(step -> {});
  }
}
