package io.gemlab.experiments.merge.study;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.experiments.cli.Gemlab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** All that is trained, merged and scored under one seed, by the commands that a user has. */
final class SeedRuns {
  /** Policies of an iteration. */
  static final int POLICIES = 3;

  /** Of a policy. */
  static final int STEPS = 120;

  /** At these steps a policy is kept. */
  static final int EVERY = 30;

  /** Where the next iteration begins. */
  private static final String NEXT = "eta-0.3";

  private static final int LENGTH = 64;
  private static final String BASE =
      """
      preset: tiny
      config: {hidden_size: 64, intermediate_size: 256, head_dim: 16, query_pre_attn_scalar: 16}
      training:
        batch: 8
        length: 64
        path: graph
        steps: 600
        warmup_steps: 40
        learning_rate: 4.0e-3
        diagnose_every: 0
        evaluate_every: 600
      checkpoints: {every: 600, keep: 1}
      samples: {prompts: []}
      """;
  private static final String POLICY =
      """
      checkpoint: none
      training:
        tokenizer: bytes
        batch: 8
        length: 64
        path: graph
        warmup_steps: 12
        weight_decay: 0.0
        diagnose_every: 0
        validation_fraction: 0.1
        evaluate_every: 1000
      samples: {prompts: []}
      """;

  private final Path folder;
  private final String corpus;
  private final long seed;
  private final Path base;
  private final List<ScoredModel> models = new ArrayList<>();

  /**
   * Trains the base, unless that is done.
   *
   * @param folder for all that is made; kept until the study ends
   * @param corpus that policies are trained on, as a recipe names it
   */
  SeedRuns(Path folder, String corpus, long seed) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.corpus = corpus;
    this.seed = seed;
    this.base = folder.resolve("base/checkpoints/last");
    Files.writeString(folder.resolve("policy.yaml"), POLICY);
    if (Files.exists(base)) return;
    Path recipe = Files.writeString(folder.resolve("base.yaml"), BASE);
    train(recipe, "base", "training.seed=" + seed, "training.shuffle_seed=" + seed);
  }

  /** One run's validation loss after its last step, for the choice of a learning rate. */
  double loss(String schedule, double rate) {
    String name = "pilot-%s-%s".formatted(schedule, rate);
    policy(name, base, 1, STEPS, "training.schedule=" + schedule, "training.learning_rate=" + rate);
    try (ModelScores scores = new ModelScores(base, corpus, LENGTH)) {
      return scores.of(folder.resolve(name + "/checkpoints/last")).loss();
    }
  }

  /**
   * All models of the seed.
   *
   * @param constant learning rate of policies
   * @param cosine peak of the learning rate of single runs
   */
  List<ScoredModel> models(double constant, double cosine) throws IOException {
    try (ModelScores scores = new ModelScores(base, corpus, LENGTH)) {
      add(scores, Arm.BASE, 0, 0, base);
      single(scores, Arm.DECAYED, STEPS, cosine);
      single(scores, Arm.LONG, POLICIES * STEPS, cosine);

      policies("first", base, 0, constant);
      trajectories(scores, "first", Arm.POLICIES, Arm.MEANS);
      List<Path> means = parts("first", "/ema");
      List<Path> policies = parts("first", "");
      for (int i = 0; i < POLICIES; i++) {
        front(scores, Arm.LITI_MEANS, i + 1, line("mean-" + (i + 1), means.get(i), 1));
        front(scores, Arm.LITI_POLICIES, i + 1, line("policy-" + (i + 1), policies.get(i), 1));
      }
      Path slerp = warp("slerp-means", base, means, 1);
      front(scores, Arm.SLERP_MEANS, 0, slerp);
      front(scores, Arm.SLERP_POLICIES, 0, warp("slerp-policies", base, policies, 1));
      front(scores, Arm.LERP_MEANS, 0, line("lerp-means", average("average-means", means), 1.5));
      front(
          scores,
          Arm.LERP_POLICIES,
          0,
          line("lerp-policies", average("average-policies", policies), 1.5));

      Path init = slerp.resolve(NEXT);
      policies("second", init, POLICIES, constant);
      trajectories(scores, "second", Arm.SECOND_POLICIES, Arm.SECOND_MEANS);
      Path merged = warp("slerp-second", init, parts("second", "/ema"), 1).resolve("eta-1");
      front(scores, Arm.SECOND, 0, line("second", merged, 1));
    }
    return models;
  }

  private void single(ModelScores scores, String arm, int steps, double rate) {
    String name = arm.replace(' ', '-');
    policy(name, base, 1, steps, "training.schedule=cosine", "training.learning_rate=" + rate);
    add(scores, arm, 1, steps, folder.resolve(name + "/checkpoints/last"));
  }

  private void policies(String iteration, Path init, int before, double rate) {
    for (int policy = 1; policy <= POLICIES; policy++) {
      policy(
          iteration + "-" + policy,
          init,
          before + policy,
          STEPS,
          "training.schedule=constant",
          "training.learning_rate=" + rate,
          "training.ema_decay=0.9");
    }
  }

  /** Trains on the data in an order of its own. */
  private void policy(String name, Path init, int order, int steps, String... changes) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "checkpoint=" + init,
                "training.corpus=" + corpus,
                "training.steps=" + steps,
                "training.shuffle_seed=" + (100 * seed + order),
                "checkpoints.every=" + EVERY,
                "checkpoints.keep=" + steps / EVERY));
    all.addAll(List.of(changes));
    train(folder.resolve("policy.yaml"), name, all.toArray(String[]::new));
  }

  private void train(Path recipe, String name, String... changes) {
    List<Object> words = new ArrayList<>(List.of("train", recipe, "--out", folder.resolve(name)));
    for (String change : changes) words.addAll(List.of("--set", change));
    run(words);
  }

  private List<Path> parts(String iteration, String inCheckpoint) {
    return IntStream.rangeClosed(1, POLICIES)
        .mapToObj(
            policy ->
                folder.resolve(
                    "%s-%d/checkpoints/last%s".formatted(iteration, policy, inCheckpoint)))
        .toList();
  }

  private void trajectories(ModelScores scores, String iteration, String policies, String means) {
    for (int policy = 1; policy <= POLICIES; policy++) {
      for (int steps = EVERY; steps <= STEPS; steps += EVERY) {
        Path checkpoint =
            folder.resolve("%s-%d/checkpoints/step-%d".formatted(iteration, policy, steps));
        add(scores, policies, policy, steps, checkpoint);
        add(scores, means, policy, steps, checkpoint.resolve("ema"));
      }
    }
  }

  /** The front from the base to one model, or beyond. */
  private Path line(String name, Path model, double last) throws IOException {
    return warp("front-of-" + name, base, List.of(model), last);
  }

  /** A front of tenths, from eta 0.1 to the last. */
  private Path warp(String name, Path init, List<Path> parts, double last) throws IOException {
    String etas =
        IntStream.rangeClosed(1, (int) Math.round(10 * last))
            .mapToObj(tenth -> String.valueOf(tenth / 10.0))
            .collect(Collectors.joining(", "));
    return merged(
        name,
        "merge_method: warp\nbase_model: %s\nmodels:\n%sparameters: {eta: [%s]}\n"
            .formatted(init, list(parts), etas));
  }

  private Path average(String name, List<Path> parts) throws IOException {
    return merged(
        name, "merge_method: linear\nmodels:\n%sparameters: {weight: 1}\n".formatted(list(parts)));
  }

  private Path merged(String name, String text) throws IOException {
    Path recipe = Files.writeString(folder.resolve(name + ".yml"), text);
    Path out = folder.resolve(name);
    run(List.of("merge", recipe, out));
    return out;
  }

  private static String list(List<Path> models) {
    return models.stream().map(" - model: %s\n"::formatted).collect(Collectors.joining());
  }

  private void front(ModelScores scores, String arm, int policy, Path front) {
    for (int tenth = 1; tenth <= 15; tenth++) {
      Path point = front.resolve("eta-" + (tenth == 10 ? "1" : String.valueOf(tenth / 10.0)));
      if (Files.exists(point)) add(scores, arm, policy, tenth / 10.0, point);
    }
  }

  private void add(ModelScores scores, String arm, int policy, double at, Path model) {
    models.add(new ScoredModel(seed, arm, policy, at, scores.of(model)));
  }

  private static void run(List<?> words) {
    Gemlab run = Gemlab.run(words.toArray());
    assertEquals(0, run.exitCode(), () -> String.format(Locale.ROOT, "%s%n%s", words, run.err()));
  }
}
