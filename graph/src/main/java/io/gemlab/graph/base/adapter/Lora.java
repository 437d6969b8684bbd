package io.gemlab.graph.base.adapter;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import java.util.List;

/**
 * A low-rank adapter of a model's projections: each target's matrix W becomes {@code W + alpha / r
 * * B A}.
 *
 * @param rank r, 1 or more
 * @param alpha what the product is multiplied by, times r; above 0
 * @param targets the projections that have one in every layer, as PEFT calls them, in the order of
 *     {@link #PROJECTIONS}
 * @see <a href="https://arxiv.org/abs/2106.09685">LoRA, section 4.1</a>
 */
public record Lora(int rank, double alpha, List<String> targets) {
  /** The projections of a layer: what PEFT takes {@link #ALL_LINEAR} for. */
  public static final List<String> PROJECTIONS =
      List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

  /** The target that stands for all of them. */
  public static final String ALL_LINEAR = "all-linear";

  /** What PEFT calls the embedding and the head, which are one matrix. */
  static final List<String> TIED = List.of("embed_tokens", "lm_head");

  /**
   * @param targets in any order, {@link #ALL_LINEAR} among them or not
   * @throws InvalidInput if a number can't be, or a target is none that can have an adapter
   */
  public Lora {
    if (rank < 1)
      throw new InvalidInput("the adapter's rank is %d; give 1 or more".formatted(rank));
    if (!(alpha > 0 && Double.isFinite(alpha))) {
      throw new InvalidInput("the adapter's alpha is %s; give a number above 0".formatted(alpha));
    }
    if (targets.isEmpty()) {
      throw new InvalidInput(
          "the adapter has no targets; name some of %s, or %s"
              .formatted(String.join(", ", PROJECTIONS), ALL_LINEAR));
    }
    targets.forEach(Lora::requireTarget);
    List<String> asked = targets;
    targets =
        PROJECTIONS.stream()
            .filter(name -> asked.contains(ALL_LINEAR) || asked.contains(name))
            .toList();
  }

  private static void requireTarget(String name) {
    if (TIED.contains(name)) throw new InvalidInput(tied(name));
    if (!name.equals(ALL_LINEAR) && !PROJECTIONS.contains(name)) {
      throw NearestName.unknown("target", name, PROJECTIONS);
    }
  }

  /** Why one of {@link #TIED} has no adapter. */
  static String tied(String name) {
    return "%s can't have an adapter: Gemma's embedding and head are one matrix, and merging would change both; name projections only, such as %s"
        .formatted(shown(name), ALL_LINEAR);
  }

  /** What B A is multiplied by. */
  public double scale() {
    return alpha / rank;
  }

  /**
   * Whether a weight has an adapter.
   *
   * @param weight its name in a checkpoint, such as {@code model.layers.0.mlp.up_proj.weight}
   */
  public boolean targets(String weight) {
    return targets.stream().anyMatch(target -> weight.endsWith("." + target + ".weight"));
  }
}
