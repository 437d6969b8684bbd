package io.gemlab.experiments.eval.score;

import io.gemlab.experiments.eval.request.Answer;
import java.util.Optional;

/** Answers that are known already. */
public interface AnswerCache {
  /** The answer to a request; empty where it isn't known. */
  Optional<Answer> get(String request);

  /** Keeps an answer. */
  void put(String request, Answer answer);
}
