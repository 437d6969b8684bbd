package io.gemlab.graph.score;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.trace.GraphFunction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Scores continuations after their contexts. Not for several threads at once.
 *
 * <p>Programs are traced when they are first needed, and kept: one for each number of rows and
 * length, both powers of two, and one for each number of places that the head is asked of.
 */
public final class Scorer {
  /** Positions that go through the layers in a call, where there are as many. */
  private static final int CALL_TOKENS = 2048;

  /** What compiling one program more is worth, in tokens of rows. */
  private static final double PROGRAM_TOKENS = 16_384;

  private final Gemma2Model<?> model;
  private final Gemma2Config config;
  private final Executable executable;
  private final RowPlanner planner;
  private final Set<String> programs = new LinkedHashSet<>();

  /**
   * @param executable where the model's weights are; it stays the caller's
   */
  public Scorer(Gemma2Model<?> model, Executable executable) {
    this.model = model;
    this.config = model.config();
    this.executable = executable;
    this.planner = RowPlanner.of(config, PROGRAM_TOKENS);
  }

  /** Programs that may be needed for requests of at most so many tokens. */
  public int mostPrograms(int tokens) {
    int programs = HeadProgram.kinds();
    for (int length : planner.lengths(tokens)) {
      for (int rows = 1; rows <= together(length); rows *= 2) programs++;
    }
    return programs;
  }

  /** Rows of a length that go through the layers at once at most. */
  private static int together(int length) {
    return Math.max(1, CALL_TOKENS / length);
  }

  /** The names of the programs traced so far. */
  public Set<String> programs() {
    return Set.copyOf(programs);
  }

  /**
   * Scores requests, in an order that suits the work.
   *
   * @param requests one or more; each input, without its last token, no longer than the model's
   *     context
   * @param prefixes whether what requests begin with alike is computed once
   * @param listener hears of each once
   * @throws InvalidInput if a request is too long or holds an id outside the vocabulary
   * @throws io.gemlab.graph.base.input.NotFiniteException if the logits are not numbers
   */
  public void score(List<TokenRequest> requests, Prefixes prefixes, ScoreListener listener) {
    requests.forEach(this::check);
    List<RowPlan> plans = planner.cheapest(requests, prefixes);
    List<Call> calls = plans.stream().flatMap(plan -> calls(plan).stream()).toList();
    long all = calls.stream().mapToLong(Call::tokens).sum();
    long done = 0;
    listener.progressed(done, all);
    for (Call call : calls) {
      score(call, requests, listener);
      done += call.tokens();
      listener.progressed(done, all);
    }
  }

  /** Rows that go through the layers together. */
  private record Call(RowsProgram<?> program, List<BranchRow> rows) {
    long tokens() {
      return (long) program.rows() * program.length();
    }
  }

  private List<Call> calls(RowPlan plan) {
    int most = plan.rows().size();
    int rows =
        Math.min(together(plan.length()), most == 1 ? 1 : 2 * Integer.highestOneBit(most - 1));
    RowsProgram<?> program = new RowsProgram<>(model, rows, plan.length());
    List<Call> calls = new ArrayList<>();
    for (int from = 0; from < most; from += rows) {
      calls.add(new Call(program, plan.rows().subList(from, Math.min(most, from + rows))));
    }
    return calls;
  }

  private void score(Call call, List<TokenRequest> requests, ScoreListener listener) {
    RowsProgram<?> program = call.program();
    ready(program.name(), program::trace);
    Map<Integer, TokenScores> scores = new LinkedHashMap<>();
    try (Results results = executable.run(program.name(), program.arguments(call.rows()))) {
      HostTensor normed_BTD = results.get(RowsProgram.NORMED);
      for (List<Ask> asks : HeadProgram.shared(asks(call, requests))) {
        HeadProgram<?> head = new HeadProgram<>(model, HeadProgram.places(asks.size()));
        ready(head.name(), head::trace);
        try (Results answers = executable.run(head.name(), head.arguments(normed_BTD, asks))) {
          answers.requireFinite();
          head.answer(
              asks,
              answers,
              number ->
                  scores.computeIfAbsent(
                      number,
                      _ -> TokenScores.ofLength(requests.get(number).continuation().length)));
        }
      }
    }
    scores.forEach(listener::scored);
  }

  /** What the head is asked, place by place. */
  private static List<Ask> asks(Call call, List<TokenRequest> requests) {
    Map<Integer, Ask> asks = new LinkedHashMap<>();
    for (int b = 0; b < call.rows().size(); b++) {
      for (BranchRow.Scored scored : call.rows().get(b).scored()) {
        int place = b * call.program().length() + scored.place();
        asks.computeIfAbsent(place, Ask::new).add(scored, requests.get(scored.request()));
      }
    }
    return List.copyOf(asks.values());
  }

  private void ready(String program, Supplier<GraphFunction> traced) {
    if (programs.add(program)) executable.add(traced.get());
  }

  private void check(TokenRequest request) {
    int length = request.context().length + request.continuation().length - 1;
    if (length > config.maxPositionEmbeddings()) {
      throw new InvalidInput(
          "a request has %d tokens and the model's context (max_position_embeddings) %d; shorten it"
              .formatted(length, config.maxPositionEmbeddings()));
    }
    for (int[] ids : List.of(request.context(), request.continuation())) {
      for (int id : ids) {
        if (id >= 0 && id < config.vocabSize()) continue;
        throw new InvalidInput(
            "a request holds the id %d and the vocabulary %d tokens; use the model's own tokenizer"
                .formatted(id, config.vocabSize()));
      }
    }
  }
}
