package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.HloShapes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What one program has that another has not, by part of the model.
 *
 * <p>Instructions are the same when kind, shape and path are, numbers in the path left aside: so
 * the layers of a model count together, {@code model/layers.#/self_attn/eager/Tanh}.
 *
 * @param parts the parts of either program
 */
public record HloDiff(Map<ModelPart, Part> parts) {
  private static final Pattern REPEATED = Pattern.compile("_\\d+(?=/|$)");
  private static final Pattern LAYER = Pattern.compile("(?<=\\.)\\d+");

  /**
   * A part in both programs.
   *
   * @param first what it costs in the first
   * @param second what it costs in the second
   * @param firstSeconds the roofline of the first: the sum of {@link HloKernel#seconds}
   * @param secondSeconds the roofline of the second
   * @param onlyFirst what the second has not, or fewer of; the largest FLOPs first
   * @param onlySecond what the first has not, or fewer of
   */
  public record Part(
      Cost first,
      Cost second,
      double firstSeconds,
      double secondSeconds,
      List<Difference> onlyFirst,
      List<Difference> onlySecond) {}

  /**
   * Instructions that one program has more of.
   *
   * @param kind opcode
   * @param shape of the result, such as {@code bf16[2,3]}
   * @param path where in the model, numbers as {@code #}
   * @param times how many more run
   * @param cost of these
   * @param seconds of these, as far as they write a result ({@link FusionModel})
   */
  public record Difference(
      String kind, String shape, String path, double times, Cost cost, double seconds) {}

  private record Key(ModelPart part, String kind, String shape, String path) {}

  private record Sum(double times, Cost cost, double seconds) {
    static final Sum NONE = new Sum(0, Cost.ZERO, 0);

    Sum plus(Sum other) {
      return new Sum(times + other.times, cost.plus(other.cost), seconds + other.seconds);
    }

    Sum minus(Sum other) {
      return new Sum(times - other.times, cost.minus(other.cost), seconds - other.seconds);
    }
  }

  /** Compares two programs, their times as on {@code chip}. */
  public static HloDiff of(HloModule first, HloModule second, Chip chip) {
    Map<Key, Sum> left = sums(first, chip);
    Map<Key, Sum> right = sums(second, chip);
    TreeSet<ModelPart> present = new TreeSet<>();
    left.keySet().forEach(key -> present.add(key.part()));
    right.keySet().forEach(key -> present.add(key.part()));

    Map<ModelPart, Part> parts = new EnumMap<>(ModelPart.class);
    for (ModelPart part : present) {
      Sum all = total(left, part);
      Sum others = total(right, part);
      parts.put(
          part,
          new Part(
              all.cost(),
              others.cost(),
              all.seconds(),
              others.seconds(),
              more(part, left, right),
              more(part, right, left)));
    }
    return new HloDiff(parts);
  }

  private static Map<Key, Sum> sums(HloModule module, Chip chip) {
    HloIndex index = new HloIndex(module);
    Map<Key, Sum> sums = new HashMap<>();
    for (CostItem item : CostItem.of(index, new HloWalk(index))) {
      String path = item.instruction().getMetadata().getOpName();
      Key key =
          new Key(
              item.part(),
              item.instruction().getOpcode(),
              HloShapes.text(item.instruction().getShape()),
              LAYER.matcher(REPEATED.matcher(path).replaceAll("")).replaceAll("#"));
      Sum sum = new Sum(item.times(), item.own().times(item.times()), item.seconds(chip));
      sums.merge(key, sum, Sum::plus);
    }
    return sums;
  }

  private static Sum total(Map<Key, Sum> sums, ModelPart part) {
    return sums.entrySet().stream()
        .filter(entry -> entry.getKey().part() == part)
        .map(Map.Entry::getValue)
        .reduce(Sum.NONE, Sum::plus);
  }

  private static List<Difference> more(ModelPart part, Map<Key, Sum> these, Map<Key, Sum> those) {
    List<Difference> more = new ArrayList<>();
    these.forEach(
        (key, sum) -> {
          Sum surplus = sum.minus(those.getOrDefault(key, Sum.NONE));
          if (key.part() != part || surplus.times() <= 0) return;
          more.add(
              new Difference(
                  key.kind(),
                  key.shape(),
                  key.path(),
                  surplus.times(),
                  surplus.cost(),
                  surplus.seconds()));
        });
    more.sort(
        Comparator.comparingDouble((Difference difference) -> -difference.cost().flops())
            .thenComparing(Difference::kind)
            .thenComparing(Difference::shape)
            .thenComparing(Difference::path));
    return more;
  }
}
