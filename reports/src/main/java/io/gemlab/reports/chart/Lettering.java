package io.gemlab.reports.chart;

import java.util.ArrayList;
import java.util.List;

/**
 * How wide text is. The reader's font is not known, so widths are those of the widest common
 * sans-serif fonts: in any other, text is a little narrower than the room it gets.
 */
final class Lettering {
  /**
   * Advance widths of the characters from space to tilde, in hundredths of the font size: the
   * larger of DejaVu Sans 2.37 and Liberation Sans 2.1 (metrics of Arial), read with fontTools.
   */
  private static final int[] ASCII = {
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 56, 102, 69, 69, 73, 78, 67, 62, 78, 76, 30, 50, 67, 56, 87, 75, 79,
    67, 79, 73, 67, 62, 74, 69, 99, 69, 67, 69, 40, 34, 40, 84, 56, 50, 62, 64, 55, 64, 62, 36, 64,
    64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84
  };

  /** Letters of Latin, Greek and Cyrillic, and the signs that numbers are written with. */
  private static final int OTHER = 84;

  /** From the first East Asian block on, characters are as wide as high. */
  private static final int WIDE_FROM = 0x1100;

  private static final int WIDE = 110;

  /** General punctuation to mathematical operators, which lie after that and are not so wide. */
  private static final int SIGNS_FROM = 0x1E00;

  private static final int SIGNS_TO = 0x22FF;

  /** After these a long word may be broken. */
  private static final String BREAKS = "/-_,+.:=";

  private Lettering() {}

  /** The width of the text, in px. */
  static double width(String text, double fontSize) {
    return text.codePoints().mapToDouble(Lettering::advance).sum() / 100 * fontSize;
  }

  private static double advance(int character) {
    if (character >= ' ' && character <= '~') return ASCII[character - ' '];
    boolean sign = character >= SIGNS_FROM && character <= SIGNS_TO;
    // What is not a character is shown as a wide sign that says so.
    return (character >= WIDE_FROM && !sign) || character < ' ' ? WIDE : OTHER;
  }

  /** The text in lines no wider than {@code width} px: broken at spaces, else within words. */
  static List<String> wrap(String text, double width, double fontSize) {
    List<String> lines = new ArrayList<>();
    String line = "";
    for (String word : text.strip().split("\\s+")) {
      String longer = line.isEmpty() ? word : line + " " + word;
      if (width(longer, fontSize) <= width) {
        line = longer;
        continue;
      }
      if (!line.isEmpty()) lines.add(line);
      line = word;
      while (width(line, fontSize) > width) {
        int end = breakAt(line, width, fontSize);
        lines.add(line.substring(0, end));
        line = line.substring(end);
      }
    }
    lines.add(line);
    return lines;
  }

  /** Where to break a word: after the last sign that fits, or else after the last character. */
  private static int breakAt(String word, double width, double fontSize) {
    int fits = word.offsetByCodePoints(0, 1);
    int afterSign = 0;
    for (int end = fits;
        end < word.length() && width(word.substring(0, end), fontSize) <= width; ) {
      fits = end;
      if (BREAKS.indexOf(word.charAt(end - 1)) >= 0) afterSign = end;
      end = word.offsetByCodePoints(end, 1);
    }
    return afterSign > 0 ? afterSign : fits;
  }
}
