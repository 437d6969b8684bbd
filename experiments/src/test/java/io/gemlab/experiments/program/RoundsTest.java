package io.gemlab.experiments.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.record.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private final List<String> order = new ArrayList<>();
  private int waits;

  /** The machine, which is quiet at once. */
  private final QuietMachine quiet =
      new QuietMachine(
          () -> {
            waits++;
            return false;
          });

  private Rounds.Player player(String name, Predicate<Integer> disturbed) {
    return new Rounds.Player() {
      private int turns;

      @Override
      public Optional<Turn> turn() {
        order.add(name);
        return Optional.of(Turn.newBuilder().setDisturbed(disturbed.test(++turns)).build());
      }
    };
  }

  private List<List<Turn>> play(int rounds, Rounds.Player... players) throws InterruptedException {
    return new Rounds(rounds, quiet).play(List.of(players), (player, round) -> {});
  }

  private static List<Integer> rounds(List<Turn> turns) {
    return turns.stream().map(Turn::getRound).toList();
  }

  @Test
  void eachHasItsTurn() throws InterruptedException {
    List<List<Turn>> turns =
        play(2, player("A", _ -> false), player("B", _ -> false), player("C", _ -> false));
    assertEquals(List.of("A", "B", "C", "A", "B", "C"), order);
    assertEquals(List.of(1, 2), rounds(turns.getLast()));
    assertEquals(0, waits);
  }

  @Test
  void aDisturbedTurnIsTakenAgainOnceTheMachineIsQuiet() throws InterruptedException {
    List<List<Turn>> turns = play(2, player("A", turn -> turn == 1), player("B", _ -> false));
    assertEquals(List.of("A", "A", "B", "A", "B"), order);
    assertEquals(List.of(1, 1, 2), rounds(turns.getFirst()));
    assertEquals(1, waits);
  }

  @Test
  void repeatsAreAsManyAsTurnsAtMost() throws InterruptedException {
    List<List<Turn>> turns = play(5, player("A", _ -> true), player("B", _ -> true));
    assertEquals(20, order.size());
    assertEquals(List.of(1, 1, 1, 1, 2), rounds(turns.getFirst()).subList(0, 5));
    assertEquals(5, rounds(turns.getLast()).getLast());
  }

  @Test
  void whoBreaksIsLeftOut() throws InterruptedException {
    List<List<Turn>> turns = play(2, player("A", _ -> false), Optional::empty);
    assertEquals(List.of("A", "A"), order);
    assertEquals(List.of(), turns.getLast());
  }

  /** 50 looks, then half of them, and so on; one success and it is patient again. */
  @Test
  void patienceEndsUnderASteadyLoad() throws InterruptedException {
    List<Boolean> looks = new ArrayList<>();
    boolean[] busy = {true};
    QuietMachine machine =
        new QuietMachine(
            () -> {
              looks.add(busy[0]);
              return busy[0];
            });
    for (int i = 0; i < 20; i++) machine.await();
    assertTrue(looks.size() < 120, looks.size() + " looks");
    int before = looks.size();
    machine.await();
    assertEquals(1, looks.size() - before);
    busy[0] = false;
    machine.await();
    busy[0] = true;
    before = looks.size();
    machine.await();
    assertEquals(50, looks.size() - before);
  }
}
