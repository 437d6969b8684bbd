package io.gemlab.graph.score;

import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the cheapest layout of requests, in rows of at most two lengths, each a power of two. Long
 * rows waste less of their ends, and what many texts begin with stands in fewer of them; but
 * attention costs more there.
 *
 * @param attention what attention costs for each token and position of a row, beside 1 for the
 *     layers' weights
 * @param program what one program more to compile costs, in tokens
 */
record RowPlanner(double attention, double program) {
  private static final int SHORTEST = 64;

  /** The longest row that is considered where no request needs it. */
  private static final int LONGEST = 4096;

  /** Products with keys and values, and as much again for all that is done to scores. */
  private static final double SCORE_WORK = 2;

  /** A request, its number, and what the model reads of it. */
  private record Input(int number, TokenRequest request, int[] ids) {}

  /** Requests in rows of a length, not laid out yet. */
  private record Part(int length, Prefixes prefixes, List<Input> inputs) {}

  static RowPlanner of(Gemma2Config config, double program) {
    double weights =
        WeightSpec.of(config).stream()
            .filter(weight -> !weight.isNorm() && !weight.name().equals(WeightSpec.EMBEDDING))
            .mapToDouble(weight -> weight.shape().elements())
            .sum();
    double scores = 2.0 * config.numHiddenLayers() * config.numAttentionHeads() * config.headDim();
    return new RowPlanner(SCORE_WORK * scores / weights, program);
  }

  /** The lengths that rows may have, of requests of at most so many tokens. */
  List<Integer> lengths(int tokens) {
    List<Integer> lengths = new ArrayList<>();
    int longest = Math.max(LONGEST, powerOfTwo(tokens));
    for (int length = SHORTEST; length <= longest; length *= 2) lengths.add(length);
    return lengths;
  }

  List<RowPlan> cheapest(List<TokenRequest> requests, Prefixes prefixes) {
    List<Input> inputs = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      inputs.add(new Input(i, requests.get(i), requests.get(i).input()));
    }
    inputs.sort(Comparator.comparing(Input::ids, Arrays::compare));
    int longest = inputs.stream().mapToInt(input -> input.ids().length).max().orElseThrow();
    int needed = Math.max(SHORTEST, powerOfTwo(longest));
    List<Part> best = List.of();
    double least = Double.POSITIVE_INFINITY;
    for (int longer = needed; longer <= Math.max(needed, LONGEST); longer *= 2) {
      for (int shorter = SHORTEST; shorter <= longer; shorter *= 2) {
        List<Part> parts = split(inputs, prefixes, shorter, longer);
        double cost = parts.stream().mapToDouble(this::cost).sum();
        if (cost < least) {
          best = parts;
          least = cost;
        }
      }
    }
    return best.stream().map(RowPlanner::filled).toList();
  }

  private static List<Part> split(List<Input> inputs, Prefixes prefixes, int shorter, int longer) {
    List<Input> fitting = new ArrayList<>();
    List<Input> others = new ArrayList<>();
    for (Input input : inputs) (input.ids().length <= shorter ? fitting : others).add(input);
    List<Part> parts = new ArrayList<>();
    if (!fitting.isEmpty()) parts.add(new Part(shorter, prefixes, fitting));
    if (!others.isEmpty()) parts.add(new Part(longer, prefixes, others));
    return parts;
  }

  private double cost(Part part) {
    double tokens = (double) rows(part) * part.length();
    return tokens * (1 + attention * part.length()) + program;
  }

  /** How many rows {@link #filled} needs. */
  private static int rows(Part part) {
    int rows = 0;
    int room = 0;
    int[] last = {};
    for (Input input : part.inputs()) {
      int[] ids = input.ids();
      int more = ids.length - BranchRow.shared(last, ids, part.prefixes());
      if (rows == 0 || more > room) {
        rows++;
        room = part.length();
        more = ids.length;
      }
      room -= more;
      last = ids;
    }
    return rows;
  }

  private static RowPlan filled(Part part) {
    List<BranchRow> rows = new ArrayList<>();
    for (Input input : part.inputs()) {
      if (rows.isEmpty() || !rows.getLast().add(input.number(), input.request())) {
        rows.add(new BranchRow(part.length(), part.prefixes()));
        rows.getLast().add(input.number(), input.request());
      }
    }
    return new RowPlan(part.length(), rows);
  }

  private static int powerOfTwo(int atLeast) {
    int below = Integer.highestOneBit(atLeast);
    return below == atLeast ? below : 2 * below;
  }
}
