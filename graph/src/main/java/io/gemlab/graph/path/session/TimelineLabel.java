package io.gemlab.graph.path.session;

import java.util.List;

/**
 * What a session says of a node that it timed: {@code name = Op(input, input:1)}.
 *
 * @param op the op type; the whole label where it is of another form
 * @param inputs names of the nodes whose values the node took
 */
record TimelineLabel(String op, List<String> inputs) {
  private static final String EQUALS = " = ";

  static TimelineLabel parse(String label) {
    int equals = label.indexOf(EQUALS);
    int bracket = label.indexOf('(', equals + EQUALS.length());
    if (equals < 0 || bracket < 0) return new TimelineLabel(label, List.of());
    String op = label.substring(equals + EQUALS.length(), bracket);
    String inputs = label.substring(bracket + 1, Math.max(bracket + 1, label.lastIndexOf(')')));
    return new TimelineLabel(op, inputs.isEmpty() ? List.of() : List.of(inputs.split(", ")));
  }
}
