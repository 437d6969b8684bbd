package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.ClusterOptions;
import io.gemlab.experiments.cli.terminal.Interruption;
import io.gemlab.experiments.cli.terminal.MonitoredWork;
import io.gemlab.experiments.trainer.TrainRun;
import io.gemlab.graph.base.keyvalue.ClusterToken;
import io.gemlab.graph.base.process.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine;

/**
 * Workers of a cluster on this machine, each a process of its own with a part of the cores. Where
 * one is killed or crashes, or hangs so that the others give it up, all start again from the last
 * checkpoint.
 *
 * @param count how many
 * @param arguments of {@code gemlab train} for each of them, without those that say which it is
 * @param resume whether the first start goes on with what is in the folder
 * @param folder the run's
 * @param out what worker 0 says goes there
 * @param err its progress and what happens go there
 */
record LocalWorkers(
    int count,
    List<String> arguments,
    boolean resume,
    Path folder,
    PrintWriter out,
    PrintWriter err) {
  /** The exit code of a worker that found itself hanging, which is that of timeout(1). */
  static final int HANGS = 124;

  /** Restarts in a row that brought no new checkpoint. */
  private static final int FRUITLESS = 3;

  /** After the first has ended; they have that long to hear of it and to say so. */
  private static final long PATIENCE_MILLIS = 60_000;

  private static final int SIGNALLED = 128;
  private static final int SIGINT = 2;
  private static final int SIGTERM = 15;

  /** How a worker ended. */
  private record End(int worker, int code, boolean killedByUs) {
    boolean isDeath() {
      return isHang() || code > SIGNALLED && !isStop();
    }

    /** Asked to, it stopped in order. */
    boolean isStop() {
      return code == SIGNALLED + SIGINT || code == SIGNALLED + SIGTERM;
    }

    private boolean isHang() {
      return killedByUs || code == HANGS;
    }

    String text() {
      return isHang()
          ? "worker %d hung".formatted(worker)
          : "worker %d died of signal %d".formatted(worker, code - SIGNALLED);
    }
  }

  /**
   * Runs them until the run is complete.
   *
   * @return the exit code
   */
  int run() throws IOException {
    Files.createDirectories(logs());
    Optional<String> restarted = Optional.empty();
    boolean goOn = resume;
    int fruitless = 0;
    try (Interruption interruption = new Interruption(() -> {})) {
      interruption.unsaved(true);
      while (true) {
        Optional<Path> before = TrainRun.lastCheckpoint(folder);
        List<End> ends = once(restarted, goOn, interruption);
        if (ends.stream().allMatch(end -> end.code() == 0)) return 0;
        if (interruption.requested() || ends.stream().allMatch(end -> end.isStop())) {
          return MonitoredWork.INTERRUPTED;
        }
        Optional<End> refused =
            ends.stream().filter(end -> end.code() == CommandLine.ExitCode.USAGE).findFirst();
        if (refused.isPresent()) return refuse(refused.get());
        Optional<End> dead = ends.stream().filter(End::isDeath).findFirst();
        if (dead.isEmpty()) return failed(ends);
        Optional<Path> checkpoint = TrainRun.lastCheckpoint(folder);
        fruitless = checkpoint.equals(before) ? fruitless + 1 : 0;
        String what =
            "%s; %s"
                .formatted(
                    dead.get().text(),
                    checkpoint
                        .map(path -> "the last checkpoint is " + path)
                        .orElse("there is no checkpoint yet"));
        if (fruitless == FRUITLESS) {
          err.println(
              "gemlab: %s; %d restarts in a row brought no new one, so this was the last; logs are in %s"
                  .formatted(what, FRUITLESS, logs()));
          return CommandLine.ExitCode.SOFTWARE;
        }
        err.println("gemlab: " + what + "; all start again");
        restarted = Optional.of(what);
        goOn = TrainRun.canResume(folder);
      }
    }
  }

  private Path logs() {
    return folder.resolve(TrainRun.WORKER_LOGS);
  }

  private Path log(int worker) {
    return logs().resolve("worker-%d.log".formatted(worker));
  }

  /** Of worker 0 all that is to be said was shown. */
  private int refuse(End end) throws IOException {
    if (end.worker() != 0) err.println(JavaProcess.lastLine(log(end.worker())));
    return end.code();
  }

  private int failed(List<End> ends) throws IOException {
    for (End end : ends) {
      if (end.worker() != 0 && end.code() != 0) {
        err.println(
            "worker %d: %s".formatted(end.worker(), JavaProcess.lastLine(log(end.worker()))));
      }
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** Starts all, and waits until all have ended. */
  private List<End> once(Optional<String> restarted, boolean goOn, Interruption interruption)
      throws IOException {
    String cluster =
        ports().stream()
            .map(port -> InetAddress.getLoopbackAddress().getHostAddress() + ":" + port)
            .collect(Collectors.joining(","));
    ClusterToken token = ClusterToken.random();
    List<Process> processes = new ArrayList<>();
    List<Thread> shown = new ArrayList<>();
    try {
      for (int worker = 0; worker < count; worker++) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(ClusterOptions.CLUSTER, cluster, ClusterOptions.TASK, "" + worker));
        if (goOn && worker == 0) all.add("--resume");
        if (worker == 0)
          restarted.ifPresent(why -> all.addAll(List.of(ClusterOptions.RESTARTED, why)));
        processes.add(start(worker, all, token));
      }
      Process first = processes.getFirst();
      shown.add(show(first.getInputStream(), out));
      shown.add(show(first.getErrorStream(), err));
      return wait(processes, interruption);
    } finally {
      processes.forEach(Process::destroyForcibly);
      shown.forEach(LocalWorkers::join);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Process start(int worker, List<String> all, ClusterToken token) throws IOException {
    int cores = Math.max(1, Runtime.getRuntime().availableProcessors() / count);
    ProcessBuilder builder =
        JavaProcess.of(
            WorkerProcess.class, List.of(JavaProcess.processors(cores)), all, log(worker));
    token.putInto(builder.environment());
    if (worker > 0) {
      return builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log(worker).toFile())).start();
    }
    return builder
        .redirectErrorStream(false)
        .redirectOutput(ProcessBuilder.Redirect.PIPE)
        .redirectError(ProcessBuilder.Redirect.PIPE)
        .start();
  }

  /** Hands on what worker 0 says. */
  private static Thread show(InputStream from, PrintWriter to) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
                lines.lines().filter(line -> !JavaProcess.isNoise(line)).forEach(to::println);
              } catch (IOException | UncheckedIOException e) {
                // It has ended.
              }
            });
  }

  private static List<End> wait(List<Process> processes, Interruption interruption) {
    long firstEnd = 0;
    boolean asked = false;
    List<Integer> killed = new ArrayList<>();
    while (processes.stream().anyMatch(Process::isAlive)) {
      if (interruption.requested() && !asked) {
        processes.forEach(Process::destroy);
        asked = true;
      }
      boolean anyEnded = !processes.stream().allMatch(Process::isAlive);
      if (anyEnded && firstEnd == 0) firstEnd = System.nanoTime();
      if (anyEnded && System.nanoTime() - firstEnd > PATIENCE_MILLIS * 1_000_000) {
        for (int worker = 0; worker < processes.size(); worker++) {
          if (!processes.get(worker).isAlive() || killed.contains(worker)) continue;
          killed.add(worker);
          processes.get(worker).destroyForcibly();
        }
      }
      pause();
    }
    List<End> ends = new ArrayList<>();
    for (int worker = 0; worker < processes.size(); worker++) {
      ends.add(new End(worker, processes.get(worker).exitValue(), killed.contains(worker)));
    }
    return ends;
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A free port for each, and of worker 0 the next one too. */
  private List<Integer> ports() throws IOException {
    List<ServerSocket> taken = new ArrayList<>();
    try {
      List<Integer> ports = new ArrayList<>();
      while (ports.isEmpty()) {
        ServerSocket first = new ServerSocket(0);
        taken.add(first);
        try {
          taken.add(new ServerSocket(first.getLocalPort() + 1));
          ports.add(first.getLocalPort());
        } catch (IOException | IllegalArgumentException e) {
          // Another one then.
        }
      }
      while (ports.size() < count) {
        ServerSocket next = new ServerSocket(0);
        taken.add(next);
        ports.add(next.getLocalPort());
      }
      return ports;
    } finally {
      for (ServerSocket socket : taken) socket.close();
    }
  }
}
