package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.merge.recipe.FrontPoint;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model that comes out of a merge.
 *
 * @param point of the front that it is; empty where it is the only one
 * @param tensors by name
 */
record MergedModel(Optional<FrontPoint> point, Map<String, MergedTensor> tensors) {
  /** The folder that it gets within the merge's. */
  Path folder(Path merge) {
    return point.map(own -> merge.resolve(own.folder())).orElse(merge);
  }

  /** All its tensors. */
  List<TensorToWrite> toWrite() {
    return tensors.values().stream().map(MergedTensor::toWrite).toList();
  }

  /** Those of another model's that are called alike. */
  List<MergedTensor> named(List<TensorToWrite> others) {
    return others.stream().map(other -> tensors.get(other.name())).toList();
  }
}
