package io.gemlab.graph.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A row of texts that share beginnings: a tree of tokens, written depth first, in which what texts
 * begin with alike stands once. Texts come in the order of their ids, so that each shares most with
 * the one before.
 */
final class BranchRow {
  /**
   * A token to be scored.
   *
   * @param place in the row, of the token behind which it stands
   * @param request its request's number
   * @param token its place in the continuation
   */
  record Scored(int place, int request, int token) {}

  private final Prefixes prefixes;
  private final int[] ids;
  private final int[] positions;
  private final int[] ends;
  private final List<Scored> scored = new ArrayList<>();

  /** Where the tokens of the text that came last stand. */
  private int[] branch = {};

  private int[] last = {};
  private int size;

  /**
   * @param length tokens that it has room for
   */
  BranchRow(int length, Prefixes prefixes) {
    this.prefixes = prefixes;
    this.ids = new int[length];
    this.positions = new int[length];
    this.ends = new int[length];
  }

  /**
   * Puts a request into the row, if there is room for what it doesn't share.
   *
   * @param number the request's
   * @return whether it is in
   */
  boolean add(int number, TokenRequest request) {
    int[] input = request.input();
    int shared = shared(last, input, prefixes);
    if (size + input.length - shared > ids.length) return false;
    int[] places = Arrays.copyOf(branch, input.length);
    for (int depth = shared; depth < input.length; depth++) {
      ids[size] = input[depth];
      positions[size] = depth;
      places[depth] = size;
      size++;
    }
    if (shared < input.length) for (int place : places) ends[place] = size;
    for (int k = 0; k < request.continuation().length; k++) {
      scored.add(new Scored(places[request.before(k)], number, k));
    }
    branch = places;
    last = input;
    return true;
  }

  /** How many ids of a text stand in the row already, with the text before it. */
  static int shared(int[] a, int[] b, Prefixes prefixes) {
    if (prefixes == Prefixes.REPEATED) return 0;
    int differs = Arrays.mismatch(a, b);
    return differs < 0 ? a.length : differs;
  }

  /** Its ids; 0 where there is room left. */
  int[] ids() {
    return ids;
  }

  /** Where each token stands in its texts. */
  int[] positions() {
    return positions;
  }

  /** For each token the place behind its last descendant; 0 where there is room left. */
  int[] ends() {
    return ends;
  }

  List<Scored> scored() {
    return scored;
  }
}
