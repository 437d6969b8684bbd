package io.gemlab.reports.statistics.effects;

import static io.gemlab.reports.statistics.Confidence.NINETY_FIVE;
import static io.gemlab.reports.statistics.effects.EffectScale.DIFFERENCE;
import static io.gemlab.reports.statistics.effects.EffectScale.RATIO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import io.gemlab.reports.statistics.effects.MainEffects.Estimated;
import io.gemlab.reports.statistics.effects.MainEffects.FactorEffect;
import io.gemlab.reports.statistics.effects.MainEffects.LevelEffect;
import io.gemlab.reports.statistics.effects.MainEffects.NotEstimable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MainEffectsTest {
  /** An unbalanced grid: one cell of sdpa is missing. */
  private static final List<Observation> GRID =
      List.of(
          run("eager", "graph", 1, 10.2),
          run("eager", "graph", 2, 10.9),
          run("eager", "fused", 1, 8.1),
          run("eager", "fused", 2, 8.4),
          run("sdpa", "graph", 1, 9.1),
          run("sdpa", "graph", 2, 9.9),
          run("sdpa", "fused", 1, 7.7),
          run("blockwise", "graph", 1, 12.3),
          run("blockwise", "graph", 2, 12.8),
          run("blockwise", "fused", 1, 9.0),
          run("blockwise", "fused", 2, 9.6));

  /**
   * Expected numbers: statsmodels 0.15.0, {@code ols("y ~ C(attention, Sum) + C(path, Sum) +
   * C(seed, Sum)")} and {@code anova_lm(typ=3)}; the last level of attention from the fit with
   * another order of levels.
   */
  @Test
  void agreesWithStatsmodels() {
    Estimated effects = estimated(MainEffects.of(GRID, DIFFERENCE, NINETY_FIVE));
    assertEquals(9.62976190476, effects.mean(), 1e-10);
    assertEquals(9.27999274952, effects.meanInterval().low(), 1e-10);
    assertEquals(9.97953106, effects.meanInterval().high(), 1e-8);
    assertEquals(6, effects.residualDegreesOfFreedom());
    assertEquals(0.46318856936851444, effects.residualStandardDeviation(), 1e-12);
    assertEquals(0.9524229522465527, effects.rSquared(), 1e-12);

    FactorEffect attention = effects.factors().get(0);
    assertEquals("attention", attention.factor());
    assertEquals(23.1865038996, attention.fStatistic(), 1e-8);
    assertEquals(2, attention.degreesOfFreedom());
    assertEquals(0.00150359614047, attention.pValue(), 1e-12);
    LevelEffect eager = attention.levels().get(0);
    assertEquals(4, eager.runs());
    assertEquals(-0.229761904762, eager.effect(), 1e-10);
    assertEquals(0.195732895072, eager.standardError(), 1e-10);
    assertEquals(-0.708703045372, eager.interval().low(), 1e-10);
    assertEquals(0.249179235848, eager.interval().high(), 1e-10);
    assertEquals(0.284933518051, eager.pValue(), 1e-10);
    LevelEffect blockwise = attention.levels().get(2);
    assertEquals("blockwise", blockwise.level());
    assertEquals(1.29523809524, blockwise.effect(), 1e-10);
    assertEquals(0.195732895072, blockwise.standardError(), 1e-10);
    assertEquals(0.816296954628, blockwise.interval().low(), 1e-10);
    assertEquals(0.000573537319021, blockwise.pValue(), 1e-12);

    assertEquals(74.8766068621, effects.factors().get(1).fStatistic(), 1e-8);
    assertEquals(2.5836261907, effects.factors().get(2).fStatistic(), 1e-8);
    assertEquals(0.159098126859, effects.factors().get(2).pValue(), 1e-10);
  }

  /** Expected numbers: as above, of {@code np.log(y)}, the coefficients by {@code np.exp}. */
  @Test
  void ratiosAreEffectsOnTheLogarithm() {
    Estimated effects = estimated(MainEffects.of(GRID, RATIO, NINETY_FIVE));
    assertEquals(9.517682, effects.mean(), 1e-6);
    LevelEffect graph = effects.factors().get(1).levels().getFirst();
    assertEquals(1.133544, graph.effect(), 1e-6);
    assertEquals(0.010063, graph.standardError(), 1e-6);
    assertEquals(1.105973, graph.interval().low(), 1e-6);
    assertEquals(1.161803, graph.interval().high(), 1e-6);
    assertEquals(1.635749e-05, graph.pValue(), 1e-10);
  }

  /**
   * By hand, with the cell means 1, 3, 2, 6 of a 2 x 2 grid and two runs a cell, 0.5 above and
   * below: mean 3; row effects -+1; column effects -+1.5; residuals -+0.5 each plus the interaction
   * 0.5, so their squares sum to 4 (0 + 1) = 4 over 8 - 3 degrees of freedom.
   */
  @Test
  void agreesWithAComputationByHand() {
    List<Observation> runs = new ArrayList<>();
    double[][] cells = {{1, 3}, {2, 6}};
    for (int row = 0; row < 2; row++) {
      for (int column = 0; column < 2; column++) {
        for (double scatter : new double[] {-0.5, 0.5}) {
          runs.add(
              new Observation(
                  List.of(
                      new FactorLevel("row", "r" + row), new FactorLevel("column", "c" + column)),
                  cells[row][column] + scatter));
        }
      }
    }
    Estimated effects = estimated(MainEffects.of(runs, DIFFERENCE, NINETY_FIVE));
    assertEquals(3, effects.mean(), 1e-12);
    assertEquals(-1, effects.factors().get(0).levels().get(0).effect(), 1e-12);
    assertEquals(1, effects.factors().get(0).levels().get(1).effect(), 1e-12);
    assertEquals(-1.5, effects.factors().get(1).levels().get(0).effect(), 1e-12);
    assertEquals(Math.sqrt(4.0 / 5), effects.residualStandardDeviation(), 1e-12);
    assertEquals(
        Math.sqrt(4.0 / 5 / 8), effects.factors().get(0).levels().get(0).standardError(), 1e-12);
  }

  /** Effects that are put into random unbalanced runs without scatter come out again. */
  @Test
  void recoversKnownEffects() {
    Random random = new Random(17);
    for (int trial = 0; trial < 40; trial++) {
      double[][] truth = {centred(random, 2), centred(random, 3), centred(random, 4)};
      List<Observation> runs = new ArrayList<>();
      for (int run = 0; run < 60; run++) {
        double value = 100;
        List<FactorLevel> levels = new ArrayList<>();
        for (int factor = 0; factor < truth.length; factor++) {
          int level = run < 4 ? run % truth[factor].length : random.nextInt(truth[factor].length);
          levels.add(new FactorLevel("f" + factor, "l" + level));
          value += truth[factor][level];
        }
        runs.add(new Observation(levels, value));
      }
      Estimated effects = estimated(MainEffects.of(runs, DIFFERENCE, NINETY_FIVE));
      assertEquals(100, effects.mean(), 1e-9);
      for (int factor = 0; factor < truth.length; factor++) {
        for (LevelEffect level : effects.factors().get(factor).levels()) {
          int index = Integer.parseInt(level.level().substring(1));
          assertEquals(truth[factor][index], level.effect(), 1e-9);
        }
      }
    }
  }

  @Test
  void aMeasureThatOneFactorDecidesHasNoEffectOfTheOthers() {
    List<Observation> runs = new ArrayList<>();
    for (Observation run : GRID) {
      runs.add(new Observation(run.levels(), run.level("path").equals("graph") ? 0.3 : 0.7));
    }
    Estimated effects = estimated(MainEffects.of(runs, DIFFERENCE, NINETY_FIVE));
    assertEquals(1, effects.factors().get(0).pValue());
    assertEquals(0, effects.factors().get(0).levels().get(1).effect());
    assertEquals(0, effects.factors().get(1).pValue());
    assertEquals(1, effects.rSquared());
  }

  @Test
  void tribuosProvenanceIsKept() {
    Estimated effects = estimated(MainEffects.of(GRID, DIFFERENCE, NINETY_FIVE));
    String provenance = ProvenanceUtil.formattedProvenanceString(effects.provenance());
    assertTrue(provenance.contains("org.tribuo.regression.slm.SLMTrainer"), provenance);
    assertTrue(provenance.contains("4.3.2"), provenance);
  }

  @Test
  void factorsOfOneLevelAreHeldFixed() {
    List<Observation> runs = new ArrayList<>();
    for (Observation run : GRID) {
      List<FactorLevel> levels = new ArrayList<>(run.levels());
      levels.add(new FactorLevel("dtype", "float32"));
      runs.add(new Observation(levels, run.value()));
    }
    Estimated effects = estimated(MainEffects.of(runs, DIFFERENCE, NINETY_FIVE));
    assertEquals(List.of(new FactorLevel("dtype", "float32")), effects.heldFixed());
    assertEquals(3, effects.factors().size());
  }

  @Test
  void confoundedFactorsAreRefusedByName() {
    List<Observation> runs = new ArrayList<>();
    for (int seed = 1; seed <= 3; seed++) {
      runs.add(arm("eager", "tanh", seed, 2.41 + 0.01 * seed));
      runs.add(arm("blockwise", "tanh", seed, 2.42 + 0.01 * seed));
      runs.add(arm("sdpa", "none", seed, 2.45 + 0.02 * seed));
    }
    Estimated effects = estimated(MainEffects.of(runs, DIFFERENCE, NINETY_FIVE));
    String reason =
        "the same runs have attention=sdpa and cap=none, so their effects can't be told apart";
    String remedy = "add an arm that has one without the other, or analyse one of the two factors";
    assertEquals(
        List.of(
            new MainEffects.Aliased("attention", reason, remedy),
            new MainEffects.Aliased("cap", reason, remedy)),
        effects.aliased());
    assertEquals(List.of("seed"), effects.factors().stream().map(FactorEffect::factor).toList());
  }

  /** The fit of the others is the one without the second of the twins. */
  @Test
  void aliasedFactorsLeaveTheOthersAsTheyAre() {
    List<Observation> twins = new ArrayList<>();
    for (Observation run : GRID) {
      List<FactorLevel> levels = new ArrayList<>(run.levels());
      levels.add(new FactorLevel("compiler", run.level("path").equals("graph") ? "no" : "yes"));
      twins.add(new Observation(levels, run.value()));
    }
    Estimated whole = estimated(MainEffects.of(GRID, DIFFERENCE, NINETY_FIVE));
    Estimated aliased = estimated(MainEffects.of(twins, DIFFERENCE, NINETY_FIVE));
    assertEquals(
        whole.factors().stream().filter(factor -> !factor.factor().equals("path")).toList(),
        aliased.factors());
    assertEquals(whole.mean(), aliased.mean());
    assertEquals(
        List.of("path", "compiler"),
        aliased.aliased().stream().map(MainEffects.Aliased::factor).toList());
  }

  /** A factor of three levels that partly goes with another: only the third is told. */
  @Test
  void aColumnThatOthersDetermineIsLeftOutAlone() {
    List<Observation> runs = new ArrayList<>();
    String[][] levels = {{"a", "x"}, {"b", "x"}, {"c", "y"}};
    for (int repeat = 0; repeat < 4; repeat++) {
      for (String[] level : levels) {
        String free = repeat % 2 == 0 ? "on" : "off";
        runs.add(
            new Observation(
                List.of(
                    new FactorLevel("f", level[0]),
                    new FactorLevel("g", level[1]),
                    new FactorLevel("free", free)),
                (free.equals("on") ? 1 : 0) + 0.1 * runs.size() % 0.7));
      }
    }
    Estimated effects = estimated(MainEffects.of(runs, DIFFERENCE, NINETY_FIVE));
    assertEquals(List.of("free"), effects.factors().stream().map(FactorEffect::factor).toList());
    double on =
        runs.stream()
            .filter(run -> run.level("free").equals("on"))
            .mapToDouble(Observation::value)
            .average()
            .orElseThrow();
    double off =
        runs.stream()
            .filter(run -> run.level("free").equals("off"))
            .mapToDouble(Observation::value)
            .average()
            .orElseThrow();
    assertEquals((on - off) / 2, effects.factors().getFirst().levels().getFirst().effect(), 1e-12);
  }

  @Test
  void confoundingWithoutATwinIsSeenToo() {
    List<Observation> runs = new ArrayList<>();
    String[][] levels = {{"a", "x", "1"}, {"a", "y", "2"}, {"b", "x", "2"}, {"b", "y", "3"}};
    for (int repeat = 0; repeat < 3; repeat++) {
      for (String[] level : levels) {
        runs.add(
            new Observation(
                List.of(
                    new FactorLevel("f", level[0]),
                    new FactorLevel("g", level[1]),
                    new FactorLevel("sum", level[2])),
                repeat + level[0].length() + runs.size()));
      }
    }
    NotEstimable none =
        assertInstanceOf(NotEstimable.class, MainEffects.of(runs, DIFFERENCE, NINETY_FIVE));
    assertTrue(none.reason().contains("can't be told"), none.reason());
  }

  @Test
  void runsThatCantAnswerSaySo() {
    assertReason("no complete runs", List.of());
    assertReason("no factor was varied", GRID.subList(0, 1));
    assertReason("every run measured 10.2", List.of(GRID.get(0), run("sdpa", "graph", 1, 10.2)));
    assertReason("2 runs for 2 unknown numbers", GRID.subList(0, 2));
  }

  @Test
  void runsWithOtherFactorsAreAnError() {
    List<Observation> runs = new ArrayList<>(GRID);
    runs.add(new Observation(List.of(new FactorLevel("attention", "eager")), 1));
    assertThrows(
        IllegalArgumentException.class, () -> MainEffects.of(runs, DIFFERENCE, NINETY_FIVE));
    assertThrows(
        IllegalArgumentException.class,
        () -> MainEffects.of(List.of(run("eager", "graph", 1, -1)), RATIO, NINETY_FIVE));
    assertThrows(IllegalArgumentException.class, () -> run("eager", "graph", 1, Double.NaN));
  }

  private static void assertReason(String part, List<Observation> runs) {
    NotEstimable none =
        assertInstanceOf(NotEstimable.class, MainEffects.of(runs, DIFFERENCE, NINETY_FIVE));
    assertTrue(none.reason().contains(part), none.reason());
  }

  private static Estimated estimated(MainEffects effects) {
    return assertInstanceOf(Estimated.class, effects);
  }

  private static double[] centred(Random random, int levels) {
    double[] effects = random.doubles(levels).toArray();
    double mean = Arrays.stream(effects).average().orElseThrow();
    for (int i = 0; i < levels; i++) effects[i] -= mean;
    return effects;
  }

  private static Observation run(String attention, String path, int seed, double value) {
    return new Observation(
        List.of(
            new FactorLevel("attention", attention),
            new FactorLevel("path", path),
            new FactorLevel("seed", "" + seed)),
        value);
  }

  private static Observation arm(String attention, String cap, int seed, double value) {
    return new Observation(
        List.of(
            new FactorLevel("attention", attention),
            new FactorLevel("cap", cap),
            new FactorLevel("seed", "" + seed)),
        value);
  }
}
