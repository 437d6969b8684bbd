package io.gemlab.experiments.trainer;

import io.gemlab.experiments.distill.CompletionSpec;
import io.gemlab.experiments.distill.ModelTraits;
import io.gemlab.experiments.distill.TeacherFile;
import io.gemlab.experiments.distill.TeacherSpec;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.Key;
import io.gemlab.experiments.recipe.Kind;
import io.gemlab.experiments.recipe.Values;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.train.Distillation;
import io.gemlab.reports.record.ShellCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a run learns from instead of the next token alone.
 *
 * @param source the teacher
 * @param loss what is made of what it says
 * @param allowed traits in which teacher and student may differ
 */
record DistillSpec(DistillSource source, Distillation loss, List<String> allowed) {
  private static final String DATA = "data";
  private static final String BY_TEACHER = "teacher";

  private static final Key<String> CHECKPOINT =
      Key.of(
              "checkpoint",
              Kind.TEXT,
              Values.ANY,
              "Online, instead of `teacher`: the teacher's Hugging Face folder; it scores each batch"
                  + " as it comes, completions that the student writes among it. Without either,"
                  + " the next token alone is learnt.")
          .orNull();
  private static final Key<Double> BETA =
      Key.of(
          "beta",
          Kind.NUMBER,
          Values.fromTo(0, 1),
          "Which divergence: 0 for the forward KL, from teacher to student; 1 for the reverse KL, from"
              + " student to teacher; between them the generalised Jensen-Shannon divergence. A"
              + " `teacher` file knows 0 alone.");
  private static final Key<Double> LAMBDA =
      Key.of(
          "lambda",
          Kind.NUMBER,
          Values.fromTo(0, 1),
          "Of `checkpoint`, the share of rows, each drawn by itself, whose completion the student"
              + " writes.");
  private static final Key<String> OFF_POLICY =
      Key.of(
          "off_policy",
          Kind.TEXT,
          new Values.OneOf(List.of(DATA, BY_TEACHER), ""),
          "Of `checkpoint`, the completions of the other rows: those of the `data`, or written by the"
              + " `teacher` (sequence-level distillation).");
  private static final Key<Double> SAMPLING_TEMPERATURE =
      Key.of(
          "sampling_temperature",
          Kind.NUMBER,
          Values.atLeast(0),
          "What logits are divided by before a completion's token is drawn; 0 for the likeliest.");
  private static final Key<Integer> NEW_TOKENS =
      Key.of(
          "new_tokens",
          Kind.INTEGER,
          Values.atLeast(1),
          "tokens",
          "Tokens of a completion that is written, at most; it ends with its row too.");
  private static final Key<Integer> PROMPT_TOKENS =
      Key.of(
          "prompt_tokens",
          Kind.INTEGER,
          Values.atLeast(1),
          "tokens",
          "Of `checkpoint`, the tokens of a row that its prompt has at least, of which none is"
              + " scored; a conversation's prompt goes on to its first answer.");
  private static final Key<Integer> SEED =
      Key.of("seed", Kind.INTEGER, Values.ANY, "Of the rows that lambda draws, and of samples.");

  /** What {@link #of} reads. */
  static final List<Key<?>> KEYS =
      Stream.of(
              List.of(TeacherSpec.TEACHER, CHECKPOINT),
              TeacherSpec.LOSS_KEYS,
              List.of(
                  BETA, LAMBDA, OFF_POLICY, SAMPLING_TEMPERATURE, NEW_TOKENS, PROMPT_TOKENS, SEED),
              TeacherSpec.TRAIT_KEYS)
          .<Key<?>>flatMap(List::stream)
          .toList();

  /**
   * Reads the keys.
   *
   * @return empty where there is no teacher
   * @throws InvalidInput if a value can't be
   */
  static Optional<DistillSpec> of(Fields fields) {
    Optional<DistillSource> source = source(fields);
    if (source.isEmpty()) return Optional.empty();
    return Optional.of(
        new DistillSpec(source.get(), TeacherSpec.loss(fields), TeacherSpec.allowed(fields)));
  }

  private static Optional<DistillSource> source(Fields fields) {
    boolean offline = fields.has(TeacherSpec.TEACHER.name());
    if (!offline && !fields.has(CHECKPOINT.name())) return Optional.empty();
    double beta = fields.get(BETA);
    if (!offline) {
      return Optional.of(
          new DistillSource.Model(
              Path.of(fields.get(CHECKPOINT)),
              beta,
              new CompletionSpec(
                  fields.get(LAMBDA),
                  Choices.named(
                          OFF_POLICY.name(),
                          fields.get(OFF_POLICY),
                          List.of(DATA, BY_TEACHER),
                          name -> name)
                      .equals(BY_TEACHER),
                  fields.get(SAMPLING_TEMPERATURE),
                  fields.get(NEW_TOKENS),
                  fields.get(PROMPT_TOKENS),
                  fields.get(SEED))));
    }
    if (fields.has(CHECKPOINT.name())) {
      throw new InvalidInput("there are teacher and checkpoint; give one of them");
    }
    if (beta != 0) {
      throw new InvalidInput(
          "beta is %s and teacher a file, whose tokens give KL(teacher || student) alone; give beta: 0, or checkpoint"
              .formatted(beta));
    }
    return Optional.of(new DistillSource.Records(Path.of(fields.get(TeacherSpec.TEACHER))));
  }

  /** Whether the loss takes what a teacher expects: not where its labels are all of it. */
  boolean takesExpectations() {
    return loss.crossEntropyWeight() < 1;
  }

  /**
   * Refuses a teacher's file that isn't there yet.
   *
   * @param recipe the file that this was read from
   * @param changes {@code KEY=VALUE}, laid over it
   * @throws InvalidInput with the command that makes it
   */
  void requireTeacher(Path recipe, List<String> changes) {
    if (!(source instanceof DistillSource.Records(Path path)) || Files.exists(path)) return;
    List<String> command = new ArrayList<>(List.of("gemlab", "teacher", "--checkpoint", "TEACHER"));
    command.addAll(List.of("--data", recipe.toString()));
    for (String change : changes) {
      if (!change.startsWith("distill.")) command.addAll(List.of("--set", change));
    }
    command.addAll(List.of("--temperature", String.valueOf(loss.temperature().value())));
    command.addAll(List.of("--top-k", "K", "--out", path.toString()));
    throw new InvalidInput(
        "distill.teacher is %s, which does not exist; make it of a teacher's folder and a K: %s"
            .formatted(path, ShellCommand.quoted(command)));
  }

  /**
   * Opens a teacher's file.
   *
   * @param student the traits of what is trained
   * @throws InvalidInput if it can't be read, or the student can't learn of this teacher
   */
  TeacherFile open(DistillSource.Records source, ModelTraits student) {
    return new TeacherSpec(source.path(), loss, allowed).open(student);
  }
}
