package io.gemlab.graph.base.text.jinja;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Python's {@code strftime} in English, as far as chat templates ask for it. */
final class Strftime {
  private Strftime() {}

  static String format(String format, LocalDateTime time) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%') {
        text.append(c);
        continue;
      }
      i++;
      char directive = i < format.length() ? format.charAt(i) : ' ';
      if (directive == '%') text.append('%');
      else
        text.append(DateTimeFormatter.ofPattern(pattern(directive), Locale.ENGLISH).format(time));
    }
    return text.toString();
  }

  private static String pattern(char directive) {
    return switch (directive) {
      case 'Y' -> "yyyy";
      case 'y' -> "yy";
      case 'm' -> "MM";
      case 'd' -> "dd";
      case 'B' -> "MMMM";
      case 'b' -> "MMM";
      case 'A' -> "EEEE";
      case 'a' -> "EEE";
      case 'H' -> "HH";
      case 'I' -> "hh";
      case 'p' -> "a";
      case 'M' -> "mm";
      case 'S' -> "ss";
      case 'j' -> "DDD";
      default -> throw TemplateFault.unsupported("%" + directive + " in strftime_now");
    };
  }
}
