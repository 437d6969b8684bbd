package io.gemlab.experiments.distill;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.text.ShuffledBatches;
import io.gemlab.graph.decode.FinishReason;
import io.gemlab.graph.decode.GeneratedTokens;
import io.gemlab.graph.decode.GenerationRequest;
import io.gemlab.graph.decode.Generator;
import io.gemlab.graph.decode.Sampling;
import io.gemlab.ops.Padding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Rows of prompts and completions, of which completions alone are scored, the token that ends one
 * among them: those of the data, or such as a model writes after a row's prompt. Which, lambda
 * draws for each row; draws and samples depend on seed, step and row alone, and on the weights.
 *
 * @param data the rows of each step
 * @param spec where completions come from
 * @param ends tokens that end a completion
 * @param pad fills rows
 */
public record CompletedRows(ShuffledBatches data, CompletionSpec spec, Set<Integer> ends, int pad) {
  /** So that the draws of lambda are not those of the rows' order or of samples. */
  private static final long DRAWS = 0x6c616d626461L;

  /**
   * The rows of a step.
   *
   * @param student writes what is on-policy
   * @param teacher writes the others; asked for where the spec says so
   */
  public LabelledBatch at(long step, Generator student, Supplier<Generator> teacher) {
    LabelledBatch own = data.at(step);
    int rows = own.tokens().rows();
    int[] prompts = new int[rows];
    Arrays.setAll(prompts, row -> promptLength(own, row));
    List<Integer> byStudent = new ArrayList<>();
    List<Integer> byTeacher = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      if (prompts[row] == own.tokens().length()) continue; // no room behind it
      if (isOnPolicy(step, row)) byStudent.add(row);
      else if (spec.teacherWrites()) byTeacher.add(row);
    }
    int[][] completions = new int[rows][];
    write(() -> student, own, prompts, byStudent, step, completions);
    write(teacher, own, prompts, byTeacher, step, completions);
    return assembled(own, prompts, completions);
  }

  /**
   * Tokens of a row up to the first that is scored, and as many as the spec says if it has them.
   */
  private int promptLength(LabelledBatch own, int row) {
    int[] labels = own.labels()[row];
    int first = 0;
    while (first < labels.length && Padding.isLabel(labels[first])) first++;
    int tokens = Arrays.stream(own.tokens().attentionMask()[row]).sum();
    return Math.min(Math.max(first + 1, spec.promptTokens()), tokens);
  }

  boolean isOnPolicy(long step, int row) {
    SplittableRandom random =
        new SplittableRandom(
            spec.seed() ^ DRAWS ^ (step * data.batchSize() + row) * 0x9e3779b97f4a7c15L);
    return random.nextDouble() < spec.onPolicy();
  }

  private void write(
      Supplier<Generator> generator,
      LabelledBatch own,
      int[] prompts,
      List<Integer> rows,
      long step,
      int[][] completions) {
    if (rows.isEmpty()) return;
    int length = own.tokens().length();
    List<int[]> asked =
        rows.stream()
            .map(row -> Arrays.copyOf(own.tokens().inputIds()[row], prompts[row]))
            .toList();
    int[] left =
        rows.stream().mapToInt(row -> Math.min(spec.newTokens(), length - prompts[row])).toArray();
    Sampling sampling =
        new Sampling(
            spec.temperature(), 0, 1, spec.seed() + step * data.batchSize() + rows.getFirst());
    List<GeneratedTokens> written =
        generator
            .get()
            .generate(
                new GenerationRequest(
                    asked, Arrays.stream(left).max().orElseThrow(), sampling, false),
                (row, id, _) -> {
                  if (ends.contains(id)) return Optional.of(FinishReason.STOP_TOKEN);
                  return --left[row] == 0 ? Optional.of(FinishReason.LENGTH) : Optional.empty();
                });
    for (int i = 0; i < rows.size(); i++) completions[rows.get(i)] = written.get(i).ids();
  }

  private LabelledBatch assembled(LabelledBatch own, int[] prompts, int[][] completions) {
    int rows = own.tokens().rows();
    int length = own.tokens().length();
    int[][] ids = new int[rows][];
    int[][] mask = new int[rows][length];
    int[][] labels = new int[rows][];
    for (int row = 0; row < rows; row++) {
      int prompt = prompts[row];
      if (completions[row] == null) {
        ids[row] = own.tokens().inputIds()[row];
        mask[row] = own.tokens().attentionMask()[row];
        labels[row] = own.labels()[row].clone();
        Arrays.fill(labels[row], 0, prompt - 1, Padding.LABEL);
        continue;
      }
      int[] completion = completions[row];
      ids[row] = new int[length];
      Arrays.fill(ids[row], pad);
      System.arraycopy(own.tokens().inputIds()[row], 0, ids[row], 0, prompt);
      System.arraycopy(completion, 0, ids[row], prompt, completion.length);
      Arrays.fill(mask[row], 0, prompt + completion.length, 1);
      labels[row] = new int[length];
      Arrays.fill(labels[row], Padding.LABEL);
      System.arraycopy(completion, 0, labels[row], prompt - 1, completion.length);
    }
    return new LabelledBatch(new TokenBatch(ids, mask), labels);
  }
}
