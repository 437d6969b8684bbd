package io.gemlab.tpu.bundle;

import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@link BundleRunner} is asked for.
 *
 * @param bundle the program
 * @param plugin the device's library
 * @param checkpoint where weights come from; at random if from nowhere
 * @param ids the tokens; at random if there are none
 * @param steps how often the program runs
 * @param ahead how many steps are begun before the results of one are waited for
 * @param json where timings and losses go too
 * @param results where the last step's results go
 * @param state where the state after the last step goes
 * @param cluster the hosts that run it together; empty for this one alone
 */
record RunnerOptions(
    Path bundle,
    Path plugin,
    Optional<Path> checkpoint,
    Optional<Path> ids,
    int steps,
    int ahead,
    Optional<Path> json,
    Optional<Path> results,
    Optional<Path> state,
    Optional<Cluster> cluster) {
  static final String HELP =
      """
      Runs a bundle of `gemlab compile --bundle` on the first device of a plugin, or on as many as it
      is partitioned over, also those of several hosts; needs no TensorFlow.

        --bundle FILE         the program
        --plugin FILE         the device's PJRT plugin, such as libtpu.so
        --checkpoint DIR      Hugging Face folder with the weights; default: random ones
        --ids FILE            JSON: {"input_ids": [[...]]}; default: random tokens
        --steps N             how often to run it; default 10. State stays on the device
        --ahead N             how many steps to queue behind the one that is waited for; default 1.
                              0 says what the program takes by itself
        --json FILE           write timings, losses and new tokens there too
        --results FILE        write the last step's results as safetensors
        --state FILE          write the state after the last step as safetensors
        --cluster HOST:PORT,HOST:PORT
                              the hosts whose devices the bundle is partitioned over, each running
                              this with the same bundle, list and GEMLAB_CLUSTER_TOKEN (or
                              GEMLAB_CLUSTER_TOKEN_FILE). The first listens at its port + 1
        --task N              which of --cluster this host is, from 0

      Exit codes: 0 done, 1 failed while running, 2 wrong usage or input.""";

  private static final String STEPS = "10";
  private static final String AHEAD = "1";
  private static final List<String> FLAGS =
      List.of(
          "--bundle",
          "--plugin",
          "--checkpoint",
          "--ids",
          "--steps",
          "--ahead",
          "--json",
          "--results",
          "--state",
          "--cluster",
          "--task");

  /**
   * @throws InvalidInput if a flag is not known, comes twice or lacks its value, or a file can't go
   *     where it should
   */
  static RunnerOptions parse(String... words) {
    Map<String, String> given = new HashMap<>();
    List<String> left = new ArrayList<>(List.of(words));
    while (!left.isEmpty()) {
      String flag = left.removeFirst();
      if (!FLAGS.contains(flag)) throw NearestName.unknown("flag", flag, FLAGS);
      if (left.isEmpty()) throw new InvalidInput(flag + " has no value: give one after it");
      if (given.put(flag, left.removeFirst()) != null) {
        throw new InvalidInput(flag + " comes twice: give it once");
      }
    }
    return new RunnerOptions(
        required(given, "--bundle"),
        required(given, "--plugin"),
        path(given, "--checkpoint"),
        path(given, "--ids"),
        number("--steps", given.getOrDefault("--steps", STEPS), 1),
        number("--ahead", given.getOrDefault("--ahead", AHEAD), 0),
        output(given, "--json"),
        output(given, "--results"),
        output(given, "--state"),
        cluster(given));
  }

  private static Optional<Cluster> cluster(Map<String, String> given) {
    Optional<Integer> task =
        Optional.ofNullable(given.get("--task")).map(text -> number("--task", text, 0));
    Optional<Cluster> cluster = Cluster.ofFlags(Optional.ofNullable(given.get("--cluster")), task);
    if (cluster.isPresent() && given.containsKey("--state")) {
      throw new InvalidInput(
          "--state has all of the state, and a host of --cluster its own pieces: leave --state out");
    }
    return cluster;
  }

  private static int number(String flag, String text, int least) {
    if (text.matches("[0-9]{1,9}") && Integer.parseInt(text) >= least) {
      return Integer.parseInt(text);
    }
    throw new InvalidInput(
        "%s is %s; give a whole number from %d".formatted(flag, InvalidInput.shown(text), least));
  }

  private static Path required(Map<String, String> given, String flag) {
    return path(given, flag)
        .orElseThrow(() -> new InvalidInput(flag + " is missing: give a file (--help says more)"));
  }

  private static Optional<Path> path(Map<String, String> given, String flag) {
    return Optional.ofNullable(given.get(flag)).map(Path::of);
  }

  private static Optional<Path> output(Map<String, String> given, String flag) {
    Optional<Path> file = path(given, flag);
    file.map(Path::toAbsolutePath)
        .map(Path::getParent)
        .filter(folder -> !Files.isDirectory(folder))
        .ifPresent(
            folder -> {
              throw new InvalidInput(flag + ": there is no folder " + folder + "; make it first");
            });
    return file;
  }
}
