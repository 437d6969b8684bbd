package io.gemlab.experiments.distill.study;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.gemma2.ModelFlops.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Students of labels that go on with the teacher: offline, of its file; or online, of what it says
 * where they write themselves. Each at the rate that gave the lowest on-policy KL under seeds that
 * the study doesn't use.
 */
final class OnlineStudy {
  static final String BASE = "not gone on";
  static final String OFFLINE_FLOPS = "offline at equal FLOPs";
  static final String OFFLINE_TIME = "offline in equal time";
  static final String REVERSE = "online reverse KL";
  static final String MIXED = "online JSD of half the rows";

  static final int LENGTH = 64;

  /** Tokens of a row that a completion goes on from. */
  static final int PROMPT = 16;

  private static final Size SIZE = Size.MIDDLE;
  private static final int BATCH = 16;
  private static final int STEPS = 60;

  /** Of students until they go on, all from the same weights. */
  private static final double BASE_RATE = 3.2e-2;

  private static final double[] RATES = {2e-3, 4e-3, 8e-3};
  private static final long[] TUNING = {11};
  private static final long[] SEEDS = {1, 2, 3, 4, 5, 6, 7, 8};

  private static final String ONWARD =
      """
      checkpoint: none
      distill: {new_tokens: %d, prompt_tokens: %d}
      training:
        {path: graph, tokenizer: bytes, batch: %d, length: %d, diagnose_every: 0, validation_sequences: 16,
         evaluate_every: 100000}
      checkpoints: {every: 100000, keep: 1}
      samples: {prompts: []}
      """
          .formatted(LENGTH, PROMPT, BATCH, LENGTH);

  private final Path folder;
  private final Path onward;
  private final Path teacher;
  private final Path records;
  private final List<Online> students = new ArrayList<>();

  /** What tells an arm from others. */
  private record Arm(String name, int steps, List<String> changes) {}

  OnlineStudy(Path folder, Teachers teachers) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.onward = Files.writeString(folder.resolve("onward.yaml"), ONWARD);
    this.teacher = teachers.checkpoint();
    this.records = teachers.of(LENGTH);
  }

  /** Trains what is not trained yet; answers the records, tuning runs among them. */
  List<Online> students() throws IOException {
    try (OnPolicyScores scores = new OnPolicyScores(SIZE.config(), teacher)) {
      List<Arm> arms = arms(scores);
      for (Arm arm : arms) {
        for (double rate : RATES) {
          for (long seed : TUNING) add(scores, arm, Online.TUNING, rate, seed);
        }
      }
      for (long seed : SEEDS) {
        students.add(scored(scores, BASE, Online.CONFIRMING, 0, seed, 0, 0, base(seed)));
        for (Arm arm : arms) add(scores, arm, Online.CONFIRMING, best(arm), seed);
      }
    }
    return students;
  }

  private double best(Arm arm) {
    return DoubleStream.of(RATES)
        .boxed()
        .min(
            Comparator.comparingDouble(
                rate ->
                    students.stream()
                        .filter(one -> one.seeds().equals(Online.TUNING))
                        .filter(one -> one.arm().equals(arm.name()) && one.rate() == rate)
                        .mapToDouble(Online::kl)
                        .sum()))
        .orElseThrow();
  }

  /** Offline as many steps as come to what {@link #STEPS} steps online take. */
  private List<Arm> arms(OnPolicyScores scores) throws IOException {
    List<String> offline = List.of("distill.teacher=" + records);
    Arm reverse = new Arm(REVERSE, STEPS, online("distill.lambda=1", "distill.beta=1"));
    double writes = SIZE.flops(Pass.FORWARD, LENGTH);
    double learns = SIZE.flops(Pass.TRAINING, LENGTH) + Size.teachersFlops(LENGTH);
    int byFlops = (int) Math.round(STEPS * (writes + learns) / learns);
    return List.of(
        new Arm(OFFLINE_FLOPS, byFlops, offline),
        new Arm(OFFLINE_TIME, stepsInEqualTime(reverse, offline), offline),
        reverse,
        new Arm(MIXED, STEPS, online("distill.lambda=0.5", "distill.beta=0.5")));
  }

  private List<String> online(String... changes) {
    List<String> all = new ArrayList<>(List.of("distill.checkpoint=" + teacher));
    all.addAll(List.of(changes));
    return all;
  }

  /** Measured once, in turns, and written down. */
  private int stepsInEqualTime(Arm online, List<String> offline) throws IOException {
    Path file = folder.resolve("steps-in-equal-time.txt");
    if (!Files.exists(file)) {
      List<Double> ofOnline = new ArrayList<>();
      List<Double> ofOffline = new ArrayList<>();
      for (int turn = 0; turn < 3; turn++) {
        Arm on = new Arm("timed-online-" + turn, 20, online.changes());
        Arm off = new Arm("timed-offline-" + turn, 60, offline);
        ofOnline.add(median(stepSeconds(trained(on, RATES[1], TUNING[0]))));
        ofOffline.add(median(stepSeconds(trained(off, RATES[1], TUNING[0]))));
      }
      double scored = teachersSeconds();
      double on = median(ofOnline);
      double off = median(ofOffline);
      Files.writeString(
          file,
          String.format(
              Locale.ROOT,
              "%d%nonline %.4f s a step, offline %.4f s and the teacher's file %.4f s%n",
              Math.round(STEPS * on / (off + scored)),
              on,
              off,
              scored));
    }
    return Integer.parseInt(Files.readAllLines(file).getFirst());
  }

  /** Seconds that the teacher takes to score a step's rows, loading and all. */
  private double teachersSeconds() throws IOException {
    Path data =
        Files.writeString(
            folder.resolve("timed.yaml"),
            "preset: tiny\ntraining: {batch: 32, length: %d}\n".formatted(LENGTH));
    Path out = folder.resolve("timed.safetensors");
    Files.deleteIfExists(out);
    long begin = System.nanoTime();
    Commands.run(
        List.of(
            "teacher",
            "--checkpoint",
            teacher,
            "--data",
            data,
            "--top-k",
            Teachers.TOP_K,
            "--out",
            out));
    double seconds = (System.nanoTime() - begin) / 1e9;
    long positions = Files.size(out) / (4 + 4 * Teachers.TOP_K);
    Files.delete(out);
    return seconds / positions * BATCH * LENGTH;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static List<Double> stepSeconds(Path checkpoint) throws IOException {
    List<Double> seconds = new ArrayList<>();
    Path metrics = checkpoint.getParent().resolveSibling("metrics.jsonl");
    for (String line : Files.readAllLines(metrics)) {
      seconds.add(new JsonMapper().readTree(line).get("seconds").doubleValue());
    }
    return seconds;
  }

  /** A student of labels. */
  private Path base(long seed) throws IOException {
    Path recipe = Files.writeString(folder.resolve("base.yaml"), OfflineStudy.alone(SIZE));
    return Commands.train(
        recipe,
        folder.resolve("base-" + seed),
        List.of(
            "training.learning_rate=" + BASE_RATE,
            "training.seed=" + seed,
            "training.shuffle_seed=" + seed));
  }

  private Path trained(Arm arm, double rate, long seed) throws IOException {
    List<String> changes =
        new ArrayList<>(
            List.of(
                "checkpoint=" + base(seed),
                "training.steps=" + arm.steps(),
                "training.warmup_steps=" + arm.steps() / 8,
                "training.learning_rate=" + rate,
                "training.shuffle_seed=" + (100 + seed),
                "distill.seed=" + seed));
    changes.addAll(arm.changes());
    String name = "%s-%s-%d".formatted(arm.name().replace(' ', '-'), rate, seed);
    return Commands.train(onward, folder.resolve(name), changes);
  }

  private void add(OnPolicyScores scores, Arm arm, String seeds, double rate, long seed)
      throws IOException {
    Path checkpoint = trained(arm, rate, seed);
    double seconds = stepSeconds(checkpoint).stream().mapToDouble(Double::doubleValue).sum();
    students.add(scored(scores, arm.name(), seeds, rate, seed, arm.steps(), seconds, checkpoint));
  }

  private static Online scored(
      OnPolicyScores scores,
      String arm,
      String seeds,
      double rate,
      long seed,
      int steps,
      double seconds,
      Path checkpoint) {
    OnPolicyScores.Score score = scores.of(checkpoint);
    return new Online(arm, seeds, rate, seed, steps, seconds, score.kl(), score.loss());
  }
}
