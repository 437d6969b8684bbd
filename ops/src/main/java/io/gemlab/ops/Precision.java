package io.gemlab.ops;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** The floating-point types a model computes in. */
public enum Precision {
  FLOAT32(TFloat32.class, 4, "fp32", "f32"),
  BFLOAT16(TBfloat16.class, 2, "bf16"),
  FLOAT16(TFloat16.class, 2, "fp16", "f16");

  private final Class<? extends TFloating> type;
  private final int bytes;
  private final List<String> shortNames;

  Precision(Class<? extends TFloating> type, int bytes, String... shortNames) {
    this.type = type;
    this.bytes = bytes;
    this.shortNames = List.of(shortNames);
  }

  /** TensorFlow's type of this precision. */
  public Class<? extends TFloating> type() {
    return type;
  }

  /** Bytes an element takes. */
  public int bytes() {
    return bytes;
  }

  /**
   * The name on the command line and in reports: {@code float32}, {@code bfloat16}, {@code
   * float16}.
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a word on the command line or in a recipe names it, in full or short: {@code bf16}. */
  public boolean isNamed(String word) {
    return names().contains(word);
  }

  /** The {@link #label}, and the short names. */
  public List<String> names() {
    return Stream.concat(Stream.of(label()), shortNames.stream()).toList();
  }

  /** What someone who chooses it for Gemma 2 should know; empty where there is nothing. */
  public Optional<String> caution() {
    return this == FLOAT16
        ? Optional.of(
            "float16 holds nothing beyond 65504 and Gemma 2's activations can pass it; bfloat16 is"
                + " the precision of reference")
        : Optional.empty();
  }
}
