package io.gemlab.reports;

import java.util.List;
import java.util.Random;

/** Names and numbers that nobody should use, and somebody will. */
public final class Hostile {
  private static final List<String> NAMES =
      List.of(
          "a",
          "",
          "softcap + blockwise",
          "<script>alert('x')</script>",
          "\"quoted\" & <b>bold</b>",
          "a_very_long_name_with_no_spaces_at_all_that_goes_on_and_on/and/on-for-ever",
          "many words that together are far too wide for any legend or column of any chart that"
              + " was ever drawn on a phone",
          "注意力机制注意力机制注意力机制注意力机制注意力机制注意力机制注意力机制",
          "\u0000\uD800 control",
          "𝛽-blocker ±∞",
          "| a | b |\n|---|---|",
          "# not a heading #",
          "1. no list `code` ``` *bold* _under_ snake_case ~~gone~~",
          "[link](javascript:alert(1)) ![x](http://example.com/x.png) <!-- -->",
          "\\ &lt; &amp; \\| ]: \\");

  private Hostile() {}

  public static String name(Random random) {
    return NAMES.get(random.nextInt(NAMES.size()));
  }

  public static Quantity quantity(Random random) {
    return new Quantity("q" + name(random), random.nextBoolean() ? "" : name(random));
  }

  /** A finite number of any size that a chart takes. */
  public static double number(Random random) {
    double size =
        Math.pow(10, random.nextInt(6) == 0 ? random.nextInt(-190, 190) : random.nextInt(-4, 6));
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> Math.rint(10 * random.nextDouble());
      case 2 -> 1e6 + 1e-6 * random.nextDouble();
      default -> random.nextGaussian() * size;
    };
  }
}
