package io.gemlab.experiments.merge.plan;

import io.gemlab.experiments.merge.recipe.MergeRecipe;
import io.gemlab.graph.base.checkpoint.CheckpointFiles;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What a recipe comes to with the models that it names: every tensor of the result, and what lies
 * beside them. Nothing is computed yet; all that can be refused is refused by now.
 */
public final class MergePlan implements AutoCloseable {
  private final MergeRecipe recipe;
  private final List<InputModel> models;
  private final List<PlannedTensor> tensors;
  private final CheckpointFiles files;
  private final List<String> warnings;

  private MergePlan(MergeRecipe recipe, List<InputModel> models) {
    this.recipe = recipe;
    this.models = models;
    Planner planner = new Planner(recipe, models);
    this.tensors = planner.tensors();
    ResultFiles beside = new ResultFiles(recipe, models);
    this.files = beside.files();
    this.warnings = new ArrayList<>(beside.warnings());
    warnings.addAll(planner.warnings());
  }

  /**
   * Opens the models and plans each tensor.
   *
   * @throws InvalidInput if a model can't be read, a tensor is missing, besides or of another
   *     shape, or the method misses a model or a parameter
   */
  public static MergePlan of(MergeRecipe recipe) {
    List<InputModel> models = new ArrayList<>();
    try {
      recipe.models().forEach(reference -> models.add(InputModel.open(reference)));
      return new MergePlan(recipe, List.copyOf(models));
    } catch (RuntimeException e) {
      models.forEach(InputModel::close);
      throw e;
    }
  }

  public MergeRecipe recipe() {
    return recipe;
  }

  /** The models, each once. */
  public List<InputModel> models() {
    return models;
  }

  /** The result's tensors in the order of its layers. */
  public List<PlannedTensor> tensors() {
    return tensors;
  }

  /** What lies beside the weights. */
  public CheckpointFiles files() {
    return files;
  }

  /** What the recipe's owner may not have meant, a line each. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** How many models come out: the points of a front, or one. */
  public int results() {
    return Math.max(1, recipe.points().size());
  }

  /** How many numbers the results have. */
  public long parameters() {
    return results() * ofEach(tensor -> tensor.shape().elements());
  }

  /** Bytes of the results' weights. */
  public long bytes() {
    return results() * ofEach(PlannedTensor::bytes);
  }

  /** Bytes of the inputs that they are made of. */
  public long inputBytes() {
    return ofEach(PlannedTensor::inputBytes);
  }

  private long ofEach(ToLongFunction<PlannedTensor> what) {
    return tensors.stream().mapToLong(what).sum();
  }

  @Override
  public void close() {
    models.forEach(InputModel::close);
  }
}
