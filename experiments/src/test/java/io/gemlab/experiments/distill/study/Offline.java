package io.gemlab.experiments.distill.study;

/**
 * A student that learnt of labels or of a file: a line of the study's records.
 *
 * @param size its parameters
 * @param arm what it learnt of
 * @param seeds {@code tuning}, or {@code confirming} at the rate that was chosen
 * @param rate the learning rate's peak
 * @param seed of its first weights and of the order of the data
 * @param ended how
 * @param loss of validation after the last step, nats a token
 */
record Offline(
    String size, String arm, String seeds, double rate, long seed, String ended, double loss) {
  static final String HEADER = "size,arm,seeds,learning_rate,seed,ended,validation_loss";

  /** From a line of an ablation's {@code tuning.csv}, the size in front. */
  static Offline of(String line) {
    String[] parts = line.split(",");
    return new Offline(
        parts[0],
        parts[1],
        parts[2],
        Double.parseDouble(parts[3]),
        Long.parseLong(parts[4]),
        parts[5],
        Double.parseDouble(parts[6]));
  }

  String line() {
    return String.join(
        ",",
        size,
        arm,
        seeds,
        String.valueOf(rate),
        String.valueOf(seed),
        ended,
        String.valueOf(loss));
  }

  /** Whether it is one of those that are compared. */
  boolean isConfirming() {
    return seeds.equals("confirming");
  }
}
