package io.gemlab.reports.record;

import com.google.protobuf.ByteString;
import com.oracle.labs.mlrg.olcut.config.protobuf.ProtoProvenanceSerialization;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import io.gemlab.reports.Quantity;
import io.gemlab.reports.statistics.Interval;
import io.gemlab.reports.statistics.effects.EffectScale;
import io.gemlab.reports.statistics.effects.MainEffects;
import io.gemlab.reports.statistics.paired.Adjusted;
import io.gemlab.reports.statistics.paired.ArmComparison;
import io.gemlab.reports.statistics.paired.ComparisonFamily;
import io.gemlab.reports.statistics.paired.Equivalence;
import io.gemlab.reports.statistics.paired.PairedComparison;
import java.io.IOException;
import java.nio.file.Path;
import org.tribuo.provenance.ModelProvenance;

/**
 * Makes and reads {@link AnalysisRecord}s, {@code runs/<name>.analysis.pb}, and puts statistics
 * into them.
 */
public final class AnalysisRecords {
  private static final String SUFFIX = ".analysis.pb";

  private AnalysisRecords() {}

  /**
   * A record as a file.
   *
   * @param record its schema and checksum are filled in here
   */
  public static SealedRecord seal(AnalysisRecord record) {
    if (record.getExperiment().isEmpty() || !record.hasCreated()) {
      throw new IllegalArgumentException(
          "analysis record " + record.getName() + " lacks its experiment or its time");
    }
    AnalysisRecord complete =
        record.toBuilder().setSchema(RecordFile.SCHEMA).clearChecksum().build();
    return RecordFile.seal(record.getName(), SUFFIX, complete);
  }

  /**
   * Reads one record.
   *
   * @throws RecordException if it was cut short or damaged, or a newer Gemlab wrote it
   */
  public static AnalysisRecord read(Path file) throws IOException {
    AnalysisRecord record = RecordFile.read(file, AnalysisRecord.parser());
    RecordFile.checkSchema(file, record.getSchema());
    return record;
  }

  /** The arms of an experiment against its control, for the record. */
  public static Comparisons comparisons(Quantity measure, ComparisonFamily family) {
    Comparisons.Builder comparisons =
        Comparisons.newBuilder()
            .setMeasure(measure.name())
            .setUnit(measure.unit())
            .setControl(family.control());
    family.arms().forEach(arm -> comparisons.addArms(comparison(arm)));
    return comparisons.build();
  }

  /** The main effects of an experiment's factors, for the record. */
  public static FactorAnalysis factorAnalysis(Quantity measure, MainEffects effects) {
    FactorAnalysis.Builder analysis =
        FactorAnalysis.newBuilder().setMeasure(measure.name()).setUnit(measure.unit());
    switch (effects) {
      case MainEffects.NotEstimable none ->
          analysis.setNotEstimable(none.reason()).setRemedy(none.remedy());
      case MainEffects.Estimated estimated -> addEffects(analysis, estimated);
    }
    return analysis.build();
  }

  private static Comparison comparison(ArmComparison arm) {
    Comparison.Builder comparison = Comparison.newBuilder().setArm(arm.arm());
    switch (arm) {
      case ArmComparison.NotCompared none -> comparison.setNotCompared(none.reason());
      case ArmComparison.Identical same ->
          comparison.setFinding(Comparison.Finding.IDENTICAL).setPairs(same.pairs());
      case ArmComparison.Compared compared -> {
        PairedComparison test = compared.difference().test();
        comparison
            .setFinding(Comparison.Finding.valueOf(compared.finding().name()))
            .setPairs(test.n())
            .addAllUnpairedSeeds(compared.unpaired())
            .setMeanDifference(test.meanDifference())
            .setInterval(interval(test.interval()))
            .setPValue(test.pValue())
            .setAdjustedPValue(compared.difference().pValue())
            .setCohensDz(test.cohensDz());
        compared.equivalence().ifPresent(test2 -> comparison.setEquivalence(equivalence(test2)));
      }
    }
    return comparison.build();
  }

  private static EquivalenceTest equivalence(Adjusted<Equivalence> equivalence) {
    return EquivalenceTest.newBuilder()
        .setMargin(equivalence.test().margin().difference())
        .setPValue(equivalence.test().pValue())
        .setAdjustedPValue(equivalence.pValue())
        .setInterval(interval(equivalence.test().interval()))
        .build();
  }

  private static void addEffects(FactorAnalysis.Builder analysis, MainEffects.Estimated effects) {
    analysis
        .setScale(
            effects.scale() == EffectScale.RATIO
                ? FactorAnalysis.Scale.RATIO
                : FactorAnalysis.Scale.DIFFERENCE)
        .setMean(effects.mean())
        .setMeanInterval(interval(effects.meanInterval()))
        .setResidualDegreesOfFreedom(effects.residualDegreesOfFreedom())
        .setResidualStandardDeviation(effects.residualStandardDeviation())
        .setRSquared(effects.rSquared())
        .setTribuoProvenance(provenance(effects.provenance()));
    effects.factors().forEach(factor -> analysis.addFactors(factorEffects(factor)));
    effects
        .aliased()
        .forEach(
            aliased ->
                analysis.addAliased(
                    AliasedFactor.newBuilder()
                        .setFactor(aliased.factor())
                        .setReason(aliased.reason())
                        .setRemedy(aliased.remedy())));
    effects
        .heldFixed()
        .forEach(
            fixed ->
                analysis.addHeldFixed(
                    Factor.newBuilder().setName(fixed.factor()).setLevel(fixed.level())));
  }

  private static FactorEffects factorEffects(MainEffects.FactorEffect factor) {
    FactorEffects.Builder effects =
        FactorEffects.newBuilder()
            .setFactor(factor.factor())
            .setFStatistic(factor.fStatistic())
            .setDegreesOfFreedom(factor.degreesOfFreedom())
            .setPValue(factor.pValue());
    for (MainEffects.LevelEffect level : factor.levels()) {
      effects.addLevels(
          LevelEffect.newBuilder()
              .setLevel(level.level())
              .setRuns(level.runs())
              .setEffect(level.effect())
              .setStandardError(level.standardError())
              .setInterval(interval(level.interval()))
              .setPValue(level.pValue()));
    }
    return effects.build();
  }

  private static ConfidenceInterval interval(Interval interval) {
    return ConfidenceInterval.newBuilder()
        .setLow(interval.low())
        .setHigh(interval.high())
        .setLevel(interval.confidence().level())
        .build();
  }

  private static ByteString provenance(ModelProvenance provenance) {
    return new ProtoProvenanceSerialization(false)
        .serializeToProto(ProvenanceUtil.marshalProvenance(provenance))
        .toByteString();
  }
}
