package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.merge.method.Arithmetic;
import io.gemlab.experiments.merge.method.InnerProducts;
import io.gemlab.experiments.merge.method.ParameterValues;
import io.gemlab.experiments.merge.method.Rounding;
import io.gemlab.experiments.merge.method.TensorInputs;
import io.gemlab.experiments.merge.plan.MergePlan;
import io.gemlab.experiments.merge.plan.PlannedTensor;
import io.gemlab.experiments.merge.recipe.FrontPoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongConsumer;

/** What comes out of a plan: one model, or the points of a front, all of the same inputs. */
final class MergedModels {
  private final MergePlan plan;
  private final Function<PlannedTensor, Arithmetic> arithmetic;
  private final LongConsumer progress;
  private final Map<String, TensorInputs> inputs = new LinkedHashMap<>();
  private final List<MergedModel> models = new ArrayList<>();

  /**
   * @param arithmetic of each tensor
   * @param progress told how many more values are made
   */
  MergedModels(
      MergePlan plan, Function<PlannedTensor, Arithmetic> arithmetic, LongConsumer progress) {
    this.plan = plan;
    this.arithmetic = arithmetic;
    this.progress = progress;
    for (PlannedTensor tensor : plan.tensors()) {
      inputs.put(tensor.name(), tensor.inputs(arithmetic.apply(tensor).rounding()));
    }
    plan.recipe().points().forEach(point -> models.add(model(Optional.of(point))));
    if (models.isEmpty()) models.add(model(Optional.empty()));
  }

  private MergedModel model(Optional<FrontPoint> point) {
    Map<String, MergedTensor> tensors = new LinkedHashMap<>();
    for (PlannedTensor tensor : plan.tensors()) tensors.put(tensor.name(), tensor(tensor, point));
    return new MergedModel(point, tensors);
  }

  private MergedTensor tensor(PlannedTensor tensor, Optional<FrontPoint> point) {
    TensorInputs own = inputs.get(tensor.name());
    ParameterValues values =
        point
            .map(place -> tensor.values().with(place.parameter(), place.value()))
            .orElse(tensor.values());
    Optional<BaseDistance> distance =
        point.map(_ -> new BaseDistance(tensor.base().orElseThrow(), Rounding.of(tensor.stored())));
    return new MergedTensor(
        tensor,
        own,
        () -> plan.recipe().method().prepare(own, values, arithmetic.apply(tensor)),
        distance,
        progress);
  }

  /** The models, in the recipe's order. */
  List<MergedModel> all() {
    return models;
  }

  /** The inner products of a tensor's task vectors, or of its inputs where there is no base. */
  InnerProducts products(PlannedTensor tensor) {
    return inputs.get(tensor.name()).products();
  }
}
