package io.gemlab.experiments.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.SilentMonitor;
import io.gemlab.experiments.SmallModel;
import io.gemlab.experiments.cli.Gemlab;
import io.gemlab.experiments.cli.Main;
import io.gemlab.graph.base.keyvalue.ClusterToken;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.graph.base.text.ShuffledBatches;
import io.gemlab.reports.record.Provenance;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker of a cluster that is killed, or hangs, while it takes a step. */
@Tag("slow")
final class LostWorkerTest {
  private static final int STEPS = 300;
  private static final List<String> ENDLESS = List.of("--set", "training.steps=5000");

  @TempDir private Path folder;
  private final ClusterToken token = ClusterToken.random();
  private final List<Process> processes = new ArrayList<>();
  private Path recipe;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    recipe = folder.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        ClusterRunTest.RECIPE
            .formatted(SmallModel.OVERLAY, ClusterRunTest.corpus(folder))
            .replace("steps: 10", "steps: " + STEPS)
            .replace("evaluate_every: 5", "evaluate_every: 100")
            .replace("{every: 1, keep: 10}", "{every: 10, keep: 3}"));
    out = folder.resolve("out");
  }

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void oneThatIsKilledIsNamedAndAnotherNumberOfWorkersGoesOn() throws Exception {
    startTwo();
    awaitStep(25);
    processes.get(1).destroyForcibly();
    String said = ended(0, 1);
    assertTrue(
        said.matches(
            "(?s).*gemlab: not heard of for 20 s: worker 1 of 2 \\(\\S+, process \\d+\\); "
                + "the last checkpoint is \\S+/step-\\d+\n.*"),
        said);

    Gemlab three =
        Gemlab.run(
            "train", recipe, "--out", out, "--resume", "--workers", 3, "--listen-everywhere");
    assertEquals(0, three.exitCode(), three::err);
    assertNothingLost();
  }

  @Test
  void worker0ThatHangsIsNamed() throws Exception {
    startTwo(ENDLESS, ENDLESS);
    awaitStep(25);
    Thread.sleep(2000); // The other asks for the last checkpoint's name once a second.
    signal("STOP", processes.get(0));
    String said = ended(1, 1);
    assertTrue(
        said.matches(
            "(?s).*gemlab: worker 0 of 2 \\(\\S+\\) ended or can't be reached: .*"
                + "; the last checkpoint is \\S+/step-\\d+\n.*"),
        said);
  }

  /** Its other threads go on, the one that says that it is there among them. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void oneWhoseReaderHangsIsNamedByItAndTheOther(int hanging) throws Exception {
    startTwo(ENDLESS, ENDLESS);
    awaitStep(25);
    try (Stall _ = readerOf(processes.get(hanging).pid())) {
      String said = ended(1 - hanging, 1);
      String what =
          "worker %d of 2 \\(\\S+?(?:, process \\d+)?\\) hangs: it was at its own part of a step for 20 s and used next to no processor time; the last checkpoint is \\S+/step-\\d+\n"
              .formatted(hanging);
      assertTrue(said.matches("(?s).*gemlab: " + what + ".*"), said);
      said = ended(hanging, 124);
      assertTrue(said.matches("(?s).*gemlab: " + what + ".*"), said);
    }
  }

  private static Stall readerOf(long pid) throws Exception {
    return Stall.at(pid, ShuffledBatches.class, "microBatches");
  }

  /** Worker 0 stands still for longer than a worker that hangs would be borne. */
  @Test
  void whoWritesACheckpointForLongIsWaitedFor() throws Exception {
    startTwo(ENDLESS, ENDLESS);
    awaitStep(25);
    try (Stall _ = Stall.at(processes.get(0).pid(), CheckpointWriting.class, "begin")) {
      Thread.sleep(25_000);
    }
    processes.get(1).destroy();
    ended(0, 130);
  }

  @Test
  void workersOfThisMachineStartAgain() throws Exception {
    Path log = folder.resolve("log");
    Process all =
        start(log, List.of("--workers", "2", "--listen-everywhere", "--out", out.toString()));
    awaitStep(25);
    second(all).destroyForcibly();
    String killed = "worker 1 died of signal 9";
    awaitRestart(killed);
    awaitStep(75);
    try (Stall _ = readerOf(second(all).pid())) {
      awaitRestart("worker 1 hung");
    }
    assertTrue(all.waitFor(120, TimeUnit.SECONDS));
    assertEquals(0, all.exitValue(), () -> read(log));
    assertTrue(read(log).contains(killed + "; the last checkpoint is"), read(log));
    assertNothingLost();
  }

  private static ProcessHandle second(Process all) {
    return all.children()
        .filter(child -> read(command(child)).contains("\0--task\0001\0"))
        .findFirst()
        .orElseThrow();
  }

  private void awaitRestart(String why) throws InterruptedException {
    Path events = out.resolve("events.jsonl");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (JsonLog.read(events).stream()
        .noneMatch(
            line ->
                line.path("event").asText().equals("restarted")
                    && line.path("text").asText().startsWith(why))) {
      assertTrue(System.nanoTime() < deadline && processes.getFirst().isAlive(), this::logs);
      Thread.sleep(20);
    }
  }

  @Test
  void whoeverIsAskedToStopStopsAllAfterTheSameStep() throws Exception {
    startTwo();
    awaitStep(25);
    processes.get(1).destroy();
    for (int task = 0; task < 2; task++) {
      assertTrue(processes.get(task).waitFor(60, TimeUnit.SECONDS), this::logs);
    }
    assertEquals(130, processes.get(0).exitValue(), this::logs);
    int done = JsonLog.read(out.resolve("metrics.jsonl")).size();
    assertEquals(
        out.resolve("checkpoints/step-" + done), TrainRun.lastCheckpoint(out).orElseThrow());
  }

  @Test
  void workersThatWereGivenOtherRecipesAreToldWhere() throws Exception {
    startTwo(List.of(), List.of("--set", "training.learning_rate=2e-4"));
    for (int task = 0; task < 2; task++) {
      assertTrue(processes.get(task).waitFor(60, TimeUnit.SECONDS), this::logs);
      assertEquals(2, processes.get(task).exitValue(), this::logs);
    }
    String said = read(log(0));
    assertTrue(
        said.contains("differs from worker 0, this one: training.learning_rate is 2.0E-4 there"),
        said);
    assertTrue(read(log(1)).contains("differs from worker 1, this one"), this::logs);
  }

  /** Each step is there once, and had the rows that one process would have given it. */
  private void assertNothingLost() throws IOException {
    Path alone = folder.resolve("alone");
    try (TrainRun run =
        TrainRun.of(recipe, List.of(), alone, false, Provenance.getDefaultInstance())) {
      run.run(new SilentMonitor(), TrainRunTest.PRODUCT_RATE);
    }
    List<ObjectNode> want = JsonLog.read(alone.resolve("metrics.jsonl"));
    List<ObjectNode> got = JsonLog.read(out.resolve("metrics.jsonl"));
    assertEquals(STEPS, got.size());
    for (int i = 0; i < STEPS; i++) {
      assertEquals(want.get(i).get("step"), got.get(i).get("step"));
      assertEquals(want.get(i).get("batch_sha256"), got.get(i).get("batch_sha256"));
      double loss = want.get(i).get("loss").asDouble();
      assertEquals(loss, got.get(i).get("loss").asDouble(), 1e-3 * loss, "loss of step " + i);
    }
  }

  private void startTwo() throws IOException {
    startTwo(List.of(), List.of());
  }

  private void startTwo(List<String> ofFirst, List<String> ofSecond) throws IOException {
    String cluster;
    try (ServerSocket first = new ServerSocket(0);
        ServerSocket second = new ServerSocket(0)) {
      cluster = "localhost:%d,localhost:%d".formatted(first.getLocalPort(), second.getLocalPort());
    }
    for (int task = 0; task < 2; task++) {
      List<String> flags =
          new ArrayList<>(
              List.of(
                  "--cluster",
                  cluster,
                  "--task",
                  String.valueOf(task),
                  "--listen-everywhere",
                  "--out",
                  out.toString()));
      flags.addAll(task == 0 ? ofFirst : ofSecond);
      start(log(task), flags);
    }
  }

  private Process start(Path log, List<String> flags) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("train", recipe.toString()));
    arguments.addAll(flags);
    ProcessBuilder builder = JavaProcess.of(Main.class, List.of(), arguments, log);
    token.putInto(builder.environment());
    builder.environment().put("JAVA_TOOL_OPTIONS", Stall.AGENT);
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private Path log(int task) {
    return folder.resolve("log" + task);
  }

  private void awaitStep(int step) throws InterruptedException {
    Path metrics = out.resolve("metrics.jsonl");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (!Files.exists(metrics) || JsonLog.read(metrics).size() < step) {
      assertTrue(System.nanoTime() < deadline && processes.getFirst().isAlive(), this::logs);
      Thread.sleep(20);
    }
  }

  /** What a worker said that has to end by itself, in time. */
  private String ended(int task, int code) throws InterruptedException {
    assertTrue(processes.get(task).waitFor(30, TimeUnit.SECONDS), this::logs);
    assertEquals(code, processes.get(task).exitValue(), this::logs);
    return read(log(task));
  }

  private static void signal(String name, Process process)
      throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }

  /** Java shows no more than the beginning of a long command line. */
  private static Path command(ProcessHandle process) {
    return Path.of("/proc", String.valueOf(process.pid()), "cmdline");
  }

  private String logs() {
    return Files.exists(log(0)) ? read(log(0)) + read(log(1)) : read(folder.resolve("log"));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
