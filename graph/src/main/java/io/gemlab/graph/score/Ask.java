package io.gemlab.graph.score;

import java.util.ArrayList;
import java.util.List;

/**
 * What the head is asked of a place: how probable tokens are there.
 *
 * @param place in the rows of a call, row after row
 * @param labels the tokens
 */
record Ask(int place, List<Label> labels) {
  /**
   * A token.
   *
   * @param request whose it is
   * @param token its place in the continuation
   * @param id the token
   */
  record Label(int request, int token, int id) {}

  Ask(int place) {
    this(place, new ArrayList<>());
  }

  void add(BranchRow.Scored scored, TokenRequest request) {
    labels.add(new Label(scored.request(), scored.token(), request.continuation()[scored.token()]));
  }
}
