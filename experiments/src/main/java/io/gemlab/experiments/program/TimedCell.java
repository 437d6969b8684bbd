package io.gemlab.experiments.program;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.train.TrainingLoss.BatchShape;
import java.util.List;
import java.util.OptionalInt;

/**
 * Programs of a model to be timed on a path, one after the other in a process of their own, in
 * turns with other cells ({@link TimedComparison}).
 *
 * @param model the model
 * @param programs what is timed of it
 * @param path where
 * @param size rows and tokens of each
 * @param samples turns of timed calls of each program, after {@link #WARM_UP} calls that are not
 * @param profiled whether a call is also watched node by node
 * @param threads that its sessions compute with; empty for as many as there are cores
 */
public record TimedCell(
    ModelSpec model,
    List<ModelProgram> programs,
    ExecutionPath path,
    BatchShape size,
    int samples,
    boolean profiled,
    OptionalInt threads) {
  /** Calls that are not timed: the first compiles, and the one after it may still. */
  public static final int WARM_UP = 3;

  private static final String MODEL = "model";
  private static final String PROGRAMS = "programs";
  private static final String PATH = "path";
  private static final String PRODUCTS = "products";
  private static final String BATCH = "batch";
  private static final String LENGTH = "length";
  private static final String SAMPLES = "samples";
  private static final String PROFILED = "profiled";
  private static final String THREADS = "threads";

  public TimedCell {
    programs = List.copyOf(programs);
  }

  /** A cell on all cores. */
  public TimedCell(
      ModelSpec model,
      List<ModelProgram> programs,
      ExecutionPath path,
      BatchShape size,
      int samples,
      boolean profiled) {
    this(model, programs, path, size, samples, profiled, OptionalInt.empty());
  }

  /** Reads what {@link #json} wrote. */
  static TimedCell of(Fields fields) {
    return new TimedCell(
        ModelSpec.of(fields.section(MODEL).orElseThrow()),
        fields.texts(PROGRAMS).stream().map(ModelProgram::valueOf).toList(),
        Choices.path(fields.text(PATH)).withProducts(Products.parse(fields.text(PRODUCTS))),
        new BatchShape(fields.integer(BATCH), fields.integer(LENGTH)),
        fields.integer(SAMPLES),
        fields.flag(PROFILED),
        fields.has(THREADS) ? OptionalInt.of(fields.integer(THREADS)) : OptionalInt.empty());
  }

  /** All of it, for another process. */
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set(MODEL, model.json());
    programs.forEach(program -> json.withArray(PROGRAMS).add(program.name()));
    json.put(PATH, path.label());
    json.put(PRODUCTS, path.products().text());
    json.put(BATCH, size.batchSize());
    json.put(LENGTH, size.sequenceLength());
    json.put(SAMPLES, samples);
    json.put(PROFILED, profiled);
    threads.ifPresent(number -> json.put(THREADS, number));
    return json;
  }
}
