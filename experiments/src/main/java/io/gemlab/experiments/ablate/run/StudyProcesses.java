package io.gemlab.experiments.ablate.run;

import com.sun.management.OperatingSystemMXBean;
import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.AblationRecipe.Arm;
import io.gemlab.experiments.program.ProgramNeeds;
import io.gemlab.experiments.run.AnsweringJvm;
import io.gemlab.experiments.run.ChildJvm;
import io.gemlab.experiments.run.Measure;
import io.gemlab.experiments.run.Records;
import io.gemlab.experiments.run.RunMonitor;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.base.process.FreeMemory;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.graph.path.session.SessionPath;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.reports.record.Measurement.Better;
import io.gemlab.reports.record.Outcome;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.RunRecord;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Makes a study's runs in processes of their own, several at once and each with one thread: the
 * steps of a small model gain little from a second one, and compiling little more. A process makes
 * the records of its runs and keeps their states, as this one would.
 *
 * @param atOnce how many at most
 * @param start starts a process with more options of Java, which does {@link #answer}
 */
public record StudyProcesses(int atOnce, Function<List<String>, AnsweringJvm> start) {
  /** Of each. */
  public static final int THREADS = 1;

  private static final Measure STEPS = new Measure("steps", "", Better.NEITHER);
  private static final String MAKE = "make ";
  private static final String LOOK = "look";
  private static final String STOP = "stop";

  /** A process takes as long to start and to compile as so many steps of a small model. */
  static final int LEAST_STEPS = 100;

  /** Of this machine's memory, how much the processes may be reckoned to need. */
  private static final double MEMORY_SHARE = 0.5;

  /** How often processes are looked at: a step of the smallest model takes a tenth of it. */
  private static final long LOOK_MILLIS = 100;

  /**
   * How many train a recipe's runs at once; empty where the process that asks trains them: on a
   * device, on the eager path, on one core, where runs are short, and where this machine's memory
   * is no place for two. That there are any doesn't depend on what is free just now, or on how many
   * runs there are, since a study's runs share a number of threads, and one that goes on needs it
   * again.
   *
   * @param needs what steps need of memory
   */
  public static OptionalInt fitting(AblationRecipe recipe, ProgramNeeds needs) {
    if (recipe.training().isEmpty()) return OptionalInt.empty();
    int cores = Runtime.getRuntime().availableProcessors();
    boolean inSessions =
        recipe.arms().stream()
            .map(arm -> arm.training().path())
            .allMatch(path -> path.mesh().isEmpty() && path.path() instanceof SessionPath);
    boolean isLong = recipe.control().training().steps() >= LEAST_STEPS;
    if (!inSessions || !isLong || cores == 1) return OptionalInt.empty();
    long need =
        ChildJvm.RUNTIME_BYTES
            + new StepNeeds(recipe, needs)
                .steps().stream()
                    .flatMap(step -> step.memory().stream())
                    .mapToLong(MemoryNeed::total)
                    .max()
                    .orElse(0);
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    if (2 * need > MEMORY_SHARE * system.getTotalMemorySize()) return OptionalInt.empty();
    long fitting = (long) (MEMORY_SHARE * FreeMemory.bytes().orElse(Long.MAX_VALUE)) / need;
    return OptionalInt.of(Math.clamp(fitting, 1, cores));
  }

  /**
   * Runs of a kind.
   *
   * @param units what a run of an arm counts for in the progress
   * @param options of their processes' JVMs
   */
  record Kind(ToLongFunction<Arm> units, List<String> options) {}

  /** Makes runs of a study by their names, in one of its processes. */
  public interface Maker {
    /**
     * @param monitor hears how far the run is, and may stop it
     * @return how it ended
     */
    Status make(String id, RunMonitor monitor);
  }

  /**
   * Makes runs.
   *
   * @param missing of each arm; emptied
   * @throws RunMonitor.Stopped if the monitor stopped it, every run's state being on disk
   */
  void make(Map<Arm, Deque<Run>> missing, Kind kind, RunStore store, RunMonitor monitor) {
    int runs = missing.values().stream().mapToInt(Deque::size).sum();
    List<Worker> workers =
        Stream.generate(() -> new Worker(kind, store, monitor))
            .limit(Math.min(atOnce, runs))
            .toList();
    Set<Arm> begun = new HashSet<>();
    try {
      for (boolean busy = true; busy; ) {
        busy = false;
        for (Worker worker : workers) busy |= worker.goOn(missing, begun);
        monitor.check();
        if (busy) Thread.sleep(LOOK_MILLIS);
      }
    } catch (RunMonitor.Stopped stopped) {
      workers.forEach(Worker::stop);
      throw stopped;
    } catch (InterruptedException e) {
      workers.forEach(Worker::stop);
      throw new RunMonitor.Stopped();
    } finally {
      workers.forEach(Worker::close);
    }
  }

  /** One process at a time, and the run that it makes. */
  private final class Worker implements AutoCloseable {
    private final Kind kind;
    private final RunStore store;
    private final RunMonitor monitor;
    private Optional<AnsweringJvm> process = Optional.empty();
    private Optional<Arm> arm = Optional.empty();
    private Optional<Run> run = Optional.empty();
    private long worked;

    Worker(Kind kind, RunStore store, RunMonitor monitor) {
      this.kind = kind;
      this.store = store;
      this.monitor = monitor;
    }

    /** Looks how far it is, and begins the next run where one is over; false where none is left. */
    boolean goOn(Map<Arm, Deque<Run>> missing, Set<Arm> begun) throws InterruptedException {
      if (run.isPresent()) look();
      if (run.isPresent()) return true;
      arm = next(missing, begun);
      if (arm.isEmpty()) return false;
      begun.add(arm.get());
      run = Optional.of(missing.get(arm.get()).remove());
      worked = 0;
      if (process.isEmpty()) {
        List<String> options = new ArrayList<>(kind.options());
        options.add(JavaProcess.processors(THREADS));
        process = Optional.of(start.apply(options));
      }
      monitor.now(run.get().described());
      ask(MAKE + run.get().id());
      return true;
    }

    /** Its own arm, which it has compiled; else one that nobody has; else what is left most of. */
    private Optional<Arm> next(Map<Arm, Deque<Run>> missing, Set<Arm> begun) {
      List<Arm> left =
          missing.keySet().stream().filter(one -> !missing.get(one).isEmpty()).toList();
      return arm.filter(left::contains)
          .or(() -> left.stream().filter(one -> !begun.contains(one)).findFirst())
          .or(() -> left.stream().max(Comparator.comparingInt(one -> missing.get(one).size())));
    }

    private void look() throws InterruptedException {
      Optional<RunRecord> answer = ask(LOOK);
      if (answer.isEmpty()) return;
      RunView seen = new RunView(answer.get());
      long more = Math.round(seen.value(STEPS)) - worked;
      if (more > 0) monitor.worked(more);
      worked += more;
      if (seen.status() != Status.INTERRUPTED) ended();
    }

    private Optional<RunRecord> ask(String request) throws InterruptedException {
      try {
        return Optional.of(process.orElseThrow().ask(request));
      } catch (AnsweringJvm.EndedException e) {
        close();
        String reason = e.ended().reason();
        store.make(run.orElseThrow(), record -> record.setOutcome(Records.failed(reason)));
        ended();
        return Optional.empty();
      }
    }

    private void ended() {
      monitor.worked(Math.max(0, kind.units().applyAsLong(arm.orElseThrow()) - worked));
      run = Optional.empty();
    }

    /** Has the state of its run put on disk. */
    void stop() {
      if (run.isEmpty()) return;
      try {
        process.orElseThrow().ask(STOP);
      } catch (AnsweringJvm.EndedException | InterruptedException gone) {
        // Its last state is on disk.
      }
    }

    @Override
    public void close() {
      process.ifPresent(AnsweringJvm::close);
      process = Optional.empty();
    }
  }

  /** The side of a process: makes what it is told to. */
  public static void answer(Supplier<Maker> maker) {
    // Ctrl-C comes to this process too, which has to save first: who asked for the runs ends it.
    Runtime.getRuntime().addShutdownHook(new Thread(StudyProcesses::waitToBeEnded));
    AnsweringJvm.answer(new Side(maker)::answer);
  }

  private static void waitToBeEnded() {
    try {
      Thread.sleep(Long.MAX_VALUE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Makes runs on a thread of its own, so that there is an answer meanwhile. */
  private static final class Side implements RunMonitor {
    private final ExecutorService thread =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("runs").factory());
    private final CompletableFuture<Maker> maker;
    private final AtomicLong worked = new AtomicLong();
    private volatile boolean stopping;
    private CompletableFuture<Status> run = CompletableFuture.completedFuture(Status.COMPLETE);

    Side(Supplier<Maker> maker) {
      this.maker = CompletableFuture.supplyAsync(maker, thread);
    }

    RunRecord answer(String request) {
      switch (request) {
        case LOOK -> {}
        case STOP -> {
          stopping = true;
          run.exceptionally(_ -> Status.INTERRUPTED).join();
        }
        default -> {
          worked.set(0);
          String id = request.substring(MAKE.length());
          run = maker.thenApplyAsync(ready -> ready.make(id, this), thread);
        }
      }
      // In this order, since what is over has done all its steps.
      Status status = run.isDone() ? ended() : Status.INTERRUPTED;
      return RunRecord.newBuilder()
          .setOutcome(Outcome.newBuilder().setStatus(status))
          .addMeasurements(STEPS.of(worked.get()))
          .buildPartial();
    }

    private Status ended() {
      try {
        return run.join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof Stopped) return Status.INTERRUPTED;
        throw new IllegalStateException(e.getCause());
      }
    }

    @Override
    public void worked(long units) {
      worked.addAndGet(units);
    }

    @Override
    public void now(String what) {
      // Who asked for the run says it.
    }

    @Override
    public void check() {
      if (stopping) throw new Stopped();
    }
  }
}
