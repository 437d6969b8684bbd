package io.gemlab.experiments.distill.study;

import java.util.Locale;

/**
 * A student that went on with a teacher: a line of the study's records.
 *
 * @param arm how
 * @param seeds {@code tuning}, or {@code confirming} at the rate that was chosen
 * @param rate the learning rate's peak; 0 of a student that didn't go on
 * @param seed of all that it was made with
 * @param steps that it went on for
 * @param seconds that its steps took, completions and an online teacher's scores among them
 * @param kl of its predictions from the teacher's where it wrote the text itself, nats a token
 * @param loss of validation, nats a token
 */
record Online(
    String arm,
    String seeds,
    double rate,
    long seed,
    int steps,
    double seconds,
    double kl,
    double loss) {
  static final String TUNING = "tuning";
  static final String CONFIRMING = "confirming";
  static final String HEADER =
      "arm,seeds,learning_rate,seed,steps,seconds,on_policy_kl,validation_loss";

  static Online of(String line) {
    String[] parts = line.split(",");
    return new Online(
        parts[0],
        parts[1],
        Double.parseDouble(parts[2]),
        Long.parseLong(parts[3]),
        Integer.parseInt(parts[4]),
        Double.parseDouble(parts[5]),
        Double.parseDouble(parts[6]),
        Double.parseDouble(parts[7]));
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "%s,%s,%s,%d,%d,%.3f,%.6f,%.6f",
        arm,
        seeds,
        rate,
        seed,
        steps,
        seconds,
        kl,
        loss);
  }

  boolean isConfirming() {
    return seeds.equals(CONFIRMING);
  }
}
