package io.gemlab.experiments.eval.score;

import io.gemlab.experiments.eval.request.Answer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Answers that are known already. */
public interface AnswerCache {
  /** The answer to a request; empty where it isn't known. */
  Optional<Answer> get(String request);

  /** Keeps an answer. */
  void put(String request, Answer answer);

  /** Keeps them while the process lives. */
  static AnswerCache inMemory() {
    Map<String, Answer> answers = new HashMap<>();
    return new AnswerCache() {
      @Override
      public Optional<Answer> get(String request) {
        return Optional.ofNullable(answers.get(request));
      }

      @Override
      public void put(String request, Answer answer) {
        answers.put(request, answer);
      }
    };
  }
}
