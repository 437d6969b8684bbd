package io.gemlab.reports.statistics.effects;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The effect-coded columns of a grid of runs. A factor of k levels has k - 1 columns, one a level
 * but the last: 1 where a run has that level, -1 where it has the last, 0 elsewhere.
 *
 * <p>A column that those before it determine is left out, which changes neither what the columns
 * can explain nor the effects of factors that have no part in it. Those that have are aliased.
 */
final class Design {
  /** A factor with at least two levels, and where its columns begin. */
  record Factor(String name, List<String> levels, int firstColumn) {
    int columns() {
      return levels.size() - 1;
    }
  }

  /** Below this share of its length, what is left of a column is rounding. */
  private static final double INDEPENDENT = 1e-8;

  private final List<Observation> observations;
  private final List<Factor> factors = new ArrayList<>();
  private final List<Factor> estimable = new ArrayList<>();
  private final List<Integer> columns = new ArrayList<>();
  private final List<FactorLevel> heldFixed = new ArrayList<>();
  private final List<String> columnNames = new ArrayList<>();
  private int allColumns;

  Design(List<Observation> observations) {
    this.observations = observations;
    for (FactorLevel first : observations.getFirst().levels()) {
      Set<String> levels = new LinkedHashSet<>();
      for (Observation run : observations) levels.add(run.level(first.factor()));
      if (levels.size() == 1) {
        heldFixed.add(first);
        continue;
      }
      Factor factor = new Factor(first.factor(), List.copyOf(levels), allColumns);
      factors.add(factor);
      allColumns += factor.columns();
    }
    for (Observation run : observations) {
      if (run.levels().size() != observations.getFirst().levels().size()) {
        throw new IllegalArgumentException(
            "the runs "
                + observations.getFirst().levels()
                + " and "
                + run.levels()
                + " differ in their factors; all runs of one analysis have the same");
      }
    }
    choose();
  }

  private void choose() {
    List<double[]> basis = constant();
    for (Factor factor : factors) {
      for (int i = 0; i < factor.columns(); i++) {
        if (!extend(basis, column(factor.firstColumn() + i))) continue;
        columns.add(factor.firstColumn() + i);
        columnNames.add(factor.name() + "=" + factor.levels().get(i));
      }
    }
    for (Factor factor : factors) {
      if (isIndependent(factor)) {
        int first = columns.indexOf(factor.firstColumn());
        estimable.add(new Factor(factor.name(), factor.levels(), first));
      }
    }
  }

  /** Whether the columns of all others, and the constant, leave all of a factor's. */
  private boolean isIndependent(Factor factor) {
    List<double[]> basis = constant();
    for (int i = 0; i < allColumns; i++) {
      boolean own = i >= factor.firstColumn() && i < factor.firstColumn() + factor.columns();
      if (!own) extend(basis, column(i));
    }
    for (int i = 0; i < factor.columns(); i++) {
      if (!extend(basis, column(factor.firstColumn() + i))) return false;
    }
    return true;
  }

  private List<double[]> constant() {
    double[] constant = new double[runs()];
    Arrays.fill(constant, 1 / Math.sqrt(runs()));
    return new ArrayList<>(List.of(constant));
  }

  /** The factors that were varied. */
  List<Factor> varied() {
    return factors;
  }

  /** Those whose effects the runs can tell, each with its columns among {@link #columnNames}. */
  List<Factor> estimable() {
    return estimable;
  }

  /** Those whose effects can't be told from others'. */
  List<Factor> aliased() {
    List<String> told = estimable.stream().map(Factor::name).toList();
    return factors.stream().filter(factor -> !told.contains(factor.name())).toList();
  }

  List<FactorLevel> heldFixed() {
    return heldFixed;
  }

  /** One name a column, such as {@code attention=eager}. */
  List<String> columnNames() {
    return columnNames;
  }

  int runs() {
    return observations.size();
  }

  int runsWith(Factor factor, String level) {
    return Math.toIntExact(
        observations.stream().filter(run -> run.level(factor.name()).equals(level)).count());
  }

  /** The columns' values of one run. */
  double[] row(int run) {
    double[] all = allColumns(run);
    return columns.stream().mapToDouble(column -> all[column]).toArray();
  }

  private double[] allColumns(int run) {
    double[] row = new double[allColumns];
    for (Factor factor : factors) {
      int level = factor.levels().indexOf(observations.get(run).level(factor.name()));
      if (level < factor.columns()) {
        row[factor.firstColumn() + level] = 1;
      } else {
        for (int i = 0; i < factor.columns(); i++) row[factor.firstColumn() + i] = -1;
      }
    }
    return row;
  }

  /** Two levels of different factors that the same runs have, one of them of the factor given. */
  Optional<String> twin(Factor factor) {
    for (Factor other : factors) {
      if (other.equals(factor)) continue;
      for (String level : factor.levels()) {
        for (String otherLevel : other.levels()) {
          boolean together =
              observations.stream()
                  .allMatch(
                      run ->
                          run.level(factor.name()).equals(level)
                              == run.level(other.name()).equals(otherLevel));
          if (together) {
            FactorLevel one = new FactorLevel(factor.name(), level);
            FactorLevel two = new FactorLevel(other.name(), otherLevel);
            boolean first = factors.indexOf(factor) < factors.indexOf(other);
            return Optional.of(first ? one + " and " + two : two + " and " + one);
          }
        }
      }
    }
    return Optional.empty();
  }

  private double[] column(int index) {
    double[] column = new double[runs()];
    for (int run = 0; run < column.length; run++) column[run] = allColumns(run)[index];
    return column;
  }

  /** Gram-Schmidt: adds the part of the column that the basis lacks; false where there is none. */
  private static boolean extend(List<double[]> basis, double[] column) {
    double length = Math.sqrt(dot(column, column));
    // Twice is enough: the second pass takes out what rounding left of the first.
    for (int pass = 0; pass < 2; pass++) {
      for (double[] direction : basis) {
        double along = dot(direction, column);
        for (int i = 0; i < column.length; i++) column[i] -= along * direction[i];
      }
    }
    double left = Math.sqrt(dot(column, column));
    if (left <= INDEPENDENT * length) return false;
    for (int i = 0; i < column.length; i++) column[i] /= left;
    basis.add(column);
    return true;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }
}
