package io.gemlab.experiments.merge.method;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import java.util.List;

/** All methods there are. */
public final class MergeMethods {
  /** In the order in which they are listed. */
  public static final List<MergeMethod> ALL =
      List.of(
          new Linear(),
          new Slerp(),
          new NuSlerp(),
          new MultiSlerp(),
          new Karcher(),
          new TaskArithmetic(),
          new Ties(),
          new DareLinear(),
          new DareTies(),
          new Della(),
          new DellaLinear(),
          new Breadcrumbs(),
          new BreadcrumbsTies(),
          new ModelStock(),
          new Sce(),
          new Warp(),
          new Passthrough());

  private MergeMethods() {}

  /**
   * The method of that name.
   *
   * @param where the recipe's place
   * @throws InvalidInput that names the nearest where there is none
   */
  public static MergeMethod named(String where, String name) {
    return ALL.stream()
        .filter(method -> method.contract().name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                NearestName.unknown(
                    where + ": merge_method",
                    name,
                    ALL.stream().map(method -> method.contract().name()).toList()));
  }
}
