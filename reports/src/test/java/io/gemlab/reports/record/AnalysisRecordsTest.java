package io.gemlab.reports.record;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import com.oracle.labs.mlrg.olcut.config.protobuf.ProtoProvenanceSerialization;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.RootProvenanceProto;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.statistics.effects.EffectScale;
import io.gemlab.reports.statistics.effects.FactorLevel;
import io.gemlab.reports.statistics.effects.MainEffects;
import io.gemlab.reports.statistics.effects.Observation;
import io.gemlab.reports.statistics.paired.ArmSample;
import io.gemlab.reports.statistics.paired.ComparisonFamily;
import io.gemlab.reports.statistics.paired.Margin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnalysisRecordsTest {
  private static final Quantity LOSS = new Quantity("validation loss", "nats/token");

  @TempDir Path folder;

  @Test
  void comparisonsSurviveTheFile() throws IOException {
    ComparisonFamily family =
        ComparisonFamily.of(
            arm("softcap", 2.41, 2.42, 2.40),
            List.of(arm("no cap", 2.45, 2.47, 2.44), arm("one seed", 2.5)),
            NINETY_FIVE,
            Optional.of(new Margin(0.01)));
    Comparisons comparisons =
        read(AnalysisRecord.newBuilder().addComparisons(AnalysisRecords.comparisons(LOSS, family)))
            .getComparisons(0);
    assertEquals("validation loss", comparisons.getMeasure());
    assertEquals("softcap", comparisons.getControl());
    Comparison noCap = comparisons.getArms(0);
    assertEquals(Comparison.Finding.DIFFERENT, noCap.getFinding());
    assertEquals(3, noCap.getPairs());
    assertEquals(0.0433333333, noCap.getMeanDifference(), 1e-9);
    assertEquals(0.95, noCap.getInterval().getLevel());
    assertEquals(0.01, noCap.getEquivalence().getMargin());
    assertEquals(0.90, noCap.getEquivalence().getInterval().getLevel(), 1e-12);
    Comparison oneSeed = comparisons.getArms(1);
    assertEquals(Comparison.Finding.NOT_COMPARED, oneSeed.getFinding());
    assertTrue(oneSeed.getNotCompared().contains("one seed in common"));
    assertFalse(oneSeed.hasInterval());
  }

  /** Tribuo's own reader gets the provenance back, trainer and all. */
  @Test
  void mainEffectsKeepTribuosProvenance() throws IOException {
    List<Observation> runs = new ArrayList<>();
    for (String path : List.of("graph", "fused")) {
      for (int seed = 1; seed <= 3; seed++) {
        runs.add(
            new Observation(
                List.of(
                    new FactorLevel("path", path),
                    new FactorLevel("seed", "" + seed),
                    new FactorLevel("dtype", "float32")),
                path.length() + 0.1 * seed * seed + runs.size() % 2));
      }
    }
    MainEffects effects = MainEffects.of(runs, EffectScale.RATIO, NINETY_FIVE);
    FactorAnalysis analysis =
        read(AnalysisRecord.newBuilder()
                .addFactorAnalyses(AnalysisRecords.factorAnalysis(LOSS, effects)))
            .getFactorAnalyses(0);
    assertEquals(FactorAnalysis.Scale.RATIO, analysis.getScale());
    assertEquals("path", analysis.getFactors(0).getFactor());
    assertEquals("graph", analysis.getFactors(0).getLevels(0).getLevel());
    assertEquals("dtype", analysis.getHeldFixed(0).getName());

    RootProvenanceProto proto = RootProvenanceProto.parseFrom(analysis.getTribuoProvenance());
    var provenance =
        ProvenanceUtil.unmarshalProvenance(
            new ProtoProvenanceSerialization(false).deserializeFromProto(proto));
    assertEquals(((MainEffects.Estimated) effects).provenance(), provenance);
  }

  @Test
  void aRefusalIsRecordedToo() throws IOException {
    MainEffects none = MainEffects.of(List.of(), EffectScale.DIFFERENCE, NINETY_FIVE);
    FactorAnalysis analysis = AnalysisRecords.factorAnalysis(LOSS, none);
    assertEquals("there are no complete runs", analysis.getNotEstimable());
    assertEquals(FactorAnalysis.Scale.SCALE_UNSPECIFIED, analysis.getScale());
  }

  @Test
  void refusesARecordWithoutItsExperiment() {
    assertThrows(
        IllegalArgumentException.class,
        () -> AnalysisRecords.seal(AnalysisRecord.newBuilder().setName("main-effects").build()));
  }

  private AnalysisRecord read(AnalysisRecord.Builder record) throws IOException {
    AnalysisRecord complete =
        record
            .setName("analysis")
            .setExperiment("ablate")
            .setCreated(Timestamp.newBuilder().setSeconds(1))
            .build();
    AnalysisRecord read =
        AnalysisRecords.read(Sealed.write(folder, AnalysisRecords.seal(complete)));
    assertEquals(complete, read.toBuilder().clearSchema().build());
    return read;
  }

  private static ArmSample arm(String name, double... values) {
    Map<Long, Double> bySeed = new TreeMap<>();
    for (int seed = 0; seed < values.length; seed++) bySeed.put((long) seed, values[seed]);
    return new ArmSample(name, new TreeMap<>(bySeed));
  }
}
