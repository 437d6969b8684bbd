package io.gemlab.experiments.eval.task;

import java.util.List;
import java.util.Optional;

/**
 * A document as a task asks it.
 *
 * @param id its place in its split, from 0
 * @param requests what a model is asked, in the order of the answers
 * @param expected what the answers are judged by
 * @param cluster what it has in common with others; empty where nothing is said
 */
public record TaskItem(
    int id, List<TextRequest> requests, Expected expected, Optional<String> cluster) {

  /** What answers are judged by. */
  public sealed interface Expected {
    /**
     * One of several choices is right.
     *
     * @param choices their texts, without the delimiter before them
     * @param right the places of those that are right, from 0; empty where the data's label is none
     *     of them
     * @param kind where the choices stand
     */
    record Choice(List<String> choices, List<Integer> right, Kind kind) implements Expected {
      /** Where choices stand in the requests. */
      public enum Kind {
        /** Each is a continuation of the same context. */
        CONTINUATIONS,
        /** Each is a context of the same continuation, which is scored in part: Winogrande. */
        CONTEXTS
      }
    }

    /** The continuation is to be likely. */
    record Likely(String continuation) implements Expected {}

    /** The text is to be likely. */
    record LikelyText(String text) implements Expected {}

    /**
     * One of several texts is to come.
     *
     * @param references the texts
     */
    record Texts(List<String> references) implements Expected {}
  }
}
