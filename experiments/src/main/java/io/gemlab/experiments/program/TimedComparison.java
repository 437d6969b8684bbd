package io.gemlab.experiments.program;

import com.google.protobuf.Timestamp;
import io.gemlab.experiments.run.Records;
import io.gemlab.graph.base.process.FreeMemory;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.Turn;
import io.gemlab.tpu.path.PjrtPath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/**
 * Times cells that are to be compared, each in a process of its own: those of one size take turns.
 * The processes stay and wait between their turns, all sizes' at once if they may, so that they are
 * loaded together; where memory or a device does not allow that, one size comes after the other, or
 * each turn has a process of its own.
 *
 * @param cells by what a user knows them by, in the order of their turns; all time the same
 *     programs as often
 * @param quiet waits for the machine
 * @param needs what the cells' programs need of memory
 */
public record TimedComparison(
    Map<String, TimedCell> cells, QuietMachine quiet, ProgramNeeds needs) {
  /** What is said of {@link Listener#waits}. */
  public static final String WAITING = "waiting for other work on this machine to pause";

  /** Of free memory, how much the processes may be reckoned to need in order to stay. */
  private static final double FREE_SHARE = 0.8;

  public TimedComparison {
    cells = new LinkedHashMap<>(cells);
  }

  /** Hears how far it is, and may throw to end it. */
  public interface Listener {
    /** A cell is readied for its turns, or has its next one. */
    void step(String what);

    /** Other work on the machine is waited for. */
    default void waits() {}
  }

  /** How often {@link Listener#step} is called for each program. */
  public static int steps(int cells, int samples) {
    return cells * (1 + samples);
  }

  /**
   * Measures.
   *
   * @return for each cell, and for each of its programs, a record's measurements, turns, execution
   *     and outcome, a failure where the process broke; the rest of the record is the caller's
   * @throws InterruptedException if the thread or a process was interrupted; the processes have
   *     ended
   */
  public Map<String, List<RunRecord>> run(Listener listener) throws InterruptedException {
    Map<BatchShape, Map<String, TimedCell>> bySize = new LinkedHashMap<>();
    cells.forEach(
        (name, cell) ->
            bySize.computeIfAbsent(cell.size(), size -> new LinkedHashMap<>()).put(name, cell));
    boolean stay = canStay();
    if (bySize.size() < 2 || stay) return measure(bySize.values(), stay, listener);
    Map<String, List<RunRecord>> records = new LinkedHashMap<>();
    for (Map<String, TimedCell> some : bySize.values()) {
      records.putAll(new TimedComparison(some, quiet, needs).run(listener));
    }
    return records;
  }

  /**
   * @param compared the cells, those together that take turns
   * @param stay whether their processes can be there at once
   */
  private Map<String, List<RunRecord>> measure(
      Collection<Map<String, TimedCell>> compared, boolean stay, Listener listener)
      throws InterruptedException {
    if (cells.isEmpty()) return Map.of();
    Timestamp sitting = Records.now();
    Map<String, CellProcess> processes = new LinkedHashMap<>(); // not started yet
    cells.forEach((name, cell) -> processes.put(name, new CellProcess(cell, need(cell), stay)));
    List<String> all = List.copyOf(cells.keySet());
    Map<String, List<RunRecord>> records = new LinkedHashMap<>();
    all.forEach(name -> records.put(name, new ArrayList<>()));
    TimedCell first = cells.values().iterator().next();
    Rounds rounds = new Rounds(first.samples(), quiet);
    try {
      for (ModelProgram program : first.programs()) {
        load(List.copyOf(processes.values()), program, heard -> listener.step(all.get(heard)));
        for (Map<String, TimedCell> some : compared) {
          List<String> names = List.copyOf(some.keySet());
          List<CellProcess> players = names.stream().map(processes::get).toList();
          List<List<Turn>> turns = rounds.play(players, heard(names, listener));
          for (int i = 0; i < names.size(); i++) {
            RunRecord finished = players.get(i).finished();
            records.get(names.get(i)).add(record(finished, turns.get(i), sitting));
          }
        }
      }
    } finally {
      processes.values().forEach(CellProcess::close);
    }
    return records;
  }

  /**
   * Has a program loaded and warmed up everywhere: as many processes at once as there are cores,
   * since nothing is timed yet, and tracing and compiling take few of them.
   *
   * @param listener hears of each by its index
   */
  private static void load(List<CellProcess> processes, ModelProgram program, IntConsumer listener)
      throws InterruptedException {
    int cores = Runtime.getRuntime().availableProcessors();
    ExecutorService loading = Executors.newFixedThreadPool(Math.min(processes.size(), cores));
    try {
      List<Future<Void>> loaded = new ArrayList<>();
      for (CellProcess process : processes) {
        loaded.add(
            loading.submit(
                () -> {
                  process.load(program);
                  return null;
                }));
      }
      for (int i = 0; i < loaded.size(); i++) {
        listener.accept(i);
        loaded.get(i).get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      loading.shutdownNow(); // where somebody stops it, nobody waits for what is being loaded
      loading.close();
    }
  }

  private static Rounds.Listener heard(List<String> names, Listener listener) {
    return new Rounds.Listener() {
      @Override
      public void begins(int player, int round) {
        listener.step(names.get(player) + ", turn " + round);
      }

      @Override
      public void waits() {
        listener.waits();
      }
    };
  }

  private static RunRecord record(RunRecord finished, List<Turn> turns, Timestamp sitting) {
    RunRecord.Builder record = finished.toBuilder();
    turns.forEach(turn -> record.addTurns(turn.toBuilder().setSitting(sitting)));
    if (record.getOutcome().getStatus() == Status.COMPLETE) {
      record.addMeasurements(0, CellTimer.TIME.median(new Turns(record.getTurnsList()).times()));
    }
    return record.buildPartial();
  }

  /** Whether the processes of all cells can be there at once. */
  private boolean canStay() {
    long need = cells.values().stream().mapToLong(this::need).sum();
    OptionalLong free = FreeMemory.bytes();
    // A device belongs to the process that takes it.
    long devices = cells.values().stream().filter(cell -> cell.path() instanceof PjrtPath).count();
    return devices <= 1 && (free.isEmpty() || need <= FREE_SHARE * free.getAsLong());
  }

  private long need(TimedCell cell) {
    return CellProcess.need(cell, needs);
  }
}
