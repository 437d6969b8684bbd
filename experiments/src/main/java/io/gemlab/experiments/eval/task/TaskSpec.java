package io.gemlab.experiments.eval.task;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A task.
 *
 * @param name {@code task}
 * @param source where it was read
 * @param version {@code metadata.version}; empty where it has none
 * @param dataset where its documents are
 * @param splits which of them it uses
 * @param outputType what it asks of a model
 * @param process {@code process_docs}, document by document
 * @param description what stands before everything
 * @param prompt how a document is asked
 * @param fewshot examples before it
 * @param generation how an answer is generated
 * @param metrics what it is judged by, in the task's order
 * @param filters what is done to generated texts, each judged for itself
 * @param cluster {@code metadata.cluster}, which is ours: what items have in common that aren't
 *     independent, such as a passage
 */
public record TaskSpec(
    String name,
    String source,
    Optional<String> version,
    DatasetSpec dataset,
    Splits splits,
    OutputType outputType,
    Optional<Function<Document, Object>> process,
    Optional<Field> description,
    PromptSpec prompt,
    FewShotSpec fewshot,
    GenerationSpec generation,
    List<MetricSpec> metrics,
    List<FilterSpec> filters,
    Optional<Field> cluster) {

  /** Examples before each document. */
  public int shots() {
    return fewshot.shots();
  }

  /** How the examples are chosen, in a few words. */
  public String sampling() {
    return switch (fewshot.sampler()) {
      case DEFAULT -> "at random for each document";
      case FIRST_N -> "the first ones";
    };
  }

  /** The same with another number of examples. */
  public TaskSpec withShots(int shots) {
    return new TaskSpec(
        name,
        source,
        version,
        dataset,
        splits,
        outputType,
        process,
        description,
        prompt,
        fewshot.withShots(shots),
        generation,
        metrics,
        filters,
        cluster);
  }
}
