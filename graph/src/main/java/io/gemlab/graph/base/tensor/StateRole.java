package io.gemlab.graph.base.tensor;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a program keeps a state tensor for. */
public enum StateRole {
  /** A weight of the model, or a part of one: the values or the scales of a quantized matrix. */
  WEIGHT,
  /** A weight that is trained beside the model's own and stored apart from them. */
  ADAPTER,
  /** A weight of another model, of which a loss takes the scores. */
  TEACHER,
  /** An optimizer's moment of a trained weight. */
  MOMENT,
  /** A running mean of a trained weight over steps. */
  EMA,
  /** The gradient of a trained weight, added up over the micro-batches of a step. */
  GRADIENT,
  /** A number of steps: those done. */
  STEP,
  /** What the loss is multiplied by, so that float16 holds its gradients. */
  LOSS_SCALE,
  /** Keys or values of earlier tokens, [B, K, S, H]. */
  CACHE,
  /** The token that was chosen last for each row, int32 [B]. */
  TOKEN;

  /** The first loss scale, as {@code torch.amp.GradScaler} has it; all other state begins at 0. */
  public static final float FIRST_LOSS_SCALE = 65_536;

  /** The name in files. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role of a name in a file, if it is one of these. */
  public static Optional<StateRole> of(String label) {
    return Arrays.stream(values()).filter(role -> role.label().equals(label)).findFirst();
  }
}
