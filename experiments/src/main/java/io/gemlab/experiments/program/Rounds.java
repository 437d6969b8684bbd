package io.gemlab.experiments.program;

import io.gemlab.reports.record.Turn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Has several take turns at being measured, A B C A B C, so that what changes slowly on the machine
 * meets all of them alike. A turn that was disturbed is taken again at once, after a pause for the
 * machine to become quiet: of all turns together at most as many again as were planned.
 *
 * @param rounds turns of each
 * @param quiet waits for the machine
 */
record Rounds(int rounds, QuietMachine quiet) {
  /** Of one turn; a machine that disturbs more often does it always. */
  private static final int MOST_REPEATS = 3;

  /** Who is measured. */
  interface Player {
    /** Takes a turn; empty where it can't any more. */
    Optional<Turn> turn() throws InterruptedException;
  }

  /** Hears of the turns, and may throw to end them. */
  interface Listener {
    /** One begins. */
    void begins(int player, int round);

    /** The machine is waited for. */
    default void waits() {}
  }

  /** All turns of each player, in the order in which they were taken. */
  List<List<Turn>> play(List<? extends Player> players, Listener listener)
      throws InterruptedException {
    List<List<Turn>> turns = new ArrayList<>();
    players.forEach(_ -> turns.add(new ArrayList<>()));
    int repeats = rounds * players.size();
    for (int round = 1; round <= rounds; round++) {
      for (int player = 0; player < players.size(); player++) {
        listener.begins(player, round);
        Optional<Turn> turn = take(players.get(player), round);
        turn.ifPresent(turns.get(player)::add);
        for (int again = 0; again < MOST_REPEATS && repeats > 0; again++) {
          if (turn.isEmpty() || !turn.get().getDisturbed()) break;
          listener.waits();
          quiet.await();
          turn = take(players.get(player), round);
          turn.ifPresent(turns.get(player)::add);
          repeats--;
        }
      }
    }
    return turns.stream().map(Collections::unmodifiableList).toList();
  }

  private static Optional<Turn> take(Player player, int round) throws InterruptedException {
    return player.turn().map(turn -> turn.toBuilder().setRound(round).build());
  }
}
