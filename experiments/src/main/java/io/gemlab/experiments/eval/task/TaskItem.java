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
     * @param target what is scored after each where they are contexts; empty where each is scored
     * @param right the places of those that are right, from 0; empty where the data's label is none
     *     of them
     */
    record Choice(List<String> choices, List<Integer> right, Optional<String> target)
        implements Expected {
      /** Whether choices are contexts of one continuation: a sentence scored in part. */
      public boolean isOfContexts() {
        return target.isPresent();
      }

      /** The text that is scored for a choice. */
      public String scored(int choice) {
        return target.orElse(choices.get(choice));
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
