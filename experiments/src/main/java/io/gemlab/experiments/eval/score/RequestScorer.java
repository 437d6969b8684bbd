package io.gemlab.experiments.eval.score;

import io.gemlab.experiments.eval.request.Answer;
import io.gemlab.experiments.eval.request.EncodedRequest;
import io.gemlab.experiments.eval.task.GenerationSpec;
import io.gemlab.graph.decode.Sampling;
import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.generate.GenerationOptions;
import io.gemlab.graph.generate.Prompt;
import io.gemlab.graph.score.Prefixes;
import io.gemlab.graph.score.ScoreListener;
import io.gemlab.graph.score.TokenRequest;
import io.gemlab.graph.score.TokenScores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model that answers requests, each once: what was asked before, or is asked twice, is taken from
 * a cache, into which each answer goes as it comes.
 *
 * @param gemma the model
 * @param cache what is known already
 * @param prefixes whether what texts begin with alike is computed once
 */
public record RequestScorer(Gemma2 gemma, AnswerCache cache, Prefixes prefixes) {
  /** Rows that are generated together. */
  private static final int ROWS = 16;

  /**
   * Answers requests.
   *
   * @return the answers, in the order of the requests
   */
  public List<Answer> answer(List<EncodedRequest> requests, ScoringMonitor monitor) {
    List<String> keys = requests.stream().map(RequestKey::of).toList();
    Map<String, EncodedRequest> each = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) each.put(keys.get(i), requests.get(i));
    int all = each.size();
    each.keySet().removeIf(key -> cache.get(key).isPresent());
    monitor.begins(
        all, all - each.size(), each.values().stream().mapToLong(EncodedRequest::tokens).sum());
    List<Generating> generating = new ArrayList<>();
    Scoring scoring = new Scoring();
    each.forEach(
        (key, request) -> {
          switch (request) {
            case EncodedRequest.Scored scored -> scoring.add(key, scored.parts());
            case EncodedRequest.Generated generated ->
                generating.add(new Generating(key, generated));
          }
        });
    long later = generating.stream().mapToLong(Generating::tokens).sum();
    long done = scoring.run(later, monitor);
    generate(generating, done, monitor);
    return keys.stream().map(key -> cache.get(key).orElseThrow()).toList();
  }

  /** Requests that are scored, several parts of which may be one text's. */
  private final class Scoring {
    private final List<TokenRequest> parts = new ArrayList<>();
    private final List<Sum> sums = new ArrayList<>();
    private long done;

    void add(String key, List<TokenRequest> windows) {
      Sum sum = new Sum(key, windows.size());
      for (TokenRequest window : windows) {
        parts.add(window);
        sums.add(sum);
      }
    }

    /**
     * Scores them.
     *
     * @param later tokens that are generated behind it
     * @return tokens that went through the model
     */
    long run(long later, ScoringMonitor monitor) {
      if (parts.isEmpty()) return 0;
      gemma.score(
          parts,
          prefixes,
          new ScoreListener() {
            @Override
            public void scored(int part, TokenScores scores) {
              sums.get(part).add(parts.get(part), scores);
            }

            @Override
            public void progressed(long tokens, long all) {
              done = tokens;
              monitor.progressed(tokens, all + later);
            }
          });
      return done;
    }
  }

  /** A text's parts, added up as they come. */
  private final class Sum {
    private final String key;
    private int missing;
    private double logLikelihood;
    private boolean greedy = true;
    private int tokens;

    Sum(String key, int parts) {
      this.key = key;
      this.missing = parts;
    }

    void add(TokenRequest part, TokenScores scores) {
      logLikelihood += scores.logLikelihood();
      greedy &= scores.isGreedy(part);
      tokens += part.continuation().length;
      missing--;
      if (missing == 0) cache.put(key, new Answer.Likelihood(logLikelihood, greedy, tokens));
    }
  }

  /** A request that is generated. */
  private record Generating(String key, EncodedRequest.Generated request) {
    long tokens() {
      return request.tokens();
    }

    boolean draws() {
      return request.generation().temperature() > 0;
    }
  }

  private void generate(List<Generating> requests, long before, ScoringMonitor monitor) {
    Map<GenerationSpec, List<Generating>> alike = new LinkedHashMap<>();
    for (Generating request : requests) {
      alike.computeIfAbsent(request.request().generation(), _ -> new ArrayList<>()).add(request);
    }
    long done = before;
    long all = before + requests.stream().mapToLong(Generating::tokens).sum();
    for (List<Generating> group : alike.values()) {
      // Prompts of like length share a batch, the longest first: what needs most memory comes now.
      group.sort(Comparator.comparing(Generating::tokens).reversed());
      int rows = group.getFirst().draws() ? 1 : ROWS;
      for (int from = 0; from < group.size(); from += rows) {
        List<Generating> batch = group.subList(from, Math.min(group.size(), from + rows));
        monitor.progressed(done, all);
        generate(batch);
        done += batch.stream().mapToLong(Generating::tokens).sum();
      }
    }
    monitor.progressed(done, all);
  }

  private void generate(List<Generating> batch) {
    GenerationSpec spec = batch.getFirst().request().generation();
    GenerationOptions options =
        GenerationOptions.defaults()
            .withMaxNewTokens(spec.maxNewTokens())
            .withStopStrings(spec.until().toArray(String[]::new));
    if (spec.temperature() > 0) {
      // A seed of the request's own: the answer is the same whatever was answered before.
      long seed = Long.parseUnsignedLong(batch.getFirst().key().substring(0, 15), 16);
      options =
          options.withSampling(new Sampling(spec.temperature(), spec.topK(), spec.topP(), seed));
    }
    List<io.gemlab.graph.generate.Answer> answers =
        gemma.generate(
            batch.stream().map(each -> Prompt.ids(each.request().prompt())).toList(), options);
    for (int i = 0; i < batch.size(); i++) {
      cache.put(
          batch.get(i).key(),
          new Answer.Text(answers.get(i).text(), answers.get(i).tokens().ids().length));
    }
  }
}
