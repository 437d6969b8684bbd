package io.gemlab.graph.base.text.jinja;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** Python's {@code repr}: how it writes a value that is part of a list. */
final class PythonRepr {
  private static final int DEEPEST = 100;

  private final StringBuilder text = new StringBuilder();

  private PythonRepr() {}

  /**
   * @throws TemplateFault if it is nothing that data has, or nested too deep
   */
  static String of(Object value) {
    PythonRepr repr = new PythonRepr();
    repr.write(value, DEEPEST);
    return repr.text.toString();
  }

  private void write(Object value, int levels) {
    if (levels == 0) throw TemplateFault.unsupported("writing lists in lists so deep");
    Budget.requireShort(text.length());
    switch (value) {
      case String string -> quote(string);
      case Boolean truth -> text.append(truth ? "True" : "False");
      case Integer number -> text.append(number);
      case Long number -> text.append(number);
      case Double number -> text.append(fraction(number));
      case List<?> list -> {
        text.append('[');
        String between = "";
        for (Object element : list) {
          text.append(between);
          write(element, levels - 1);
          between = ", ";
        }
        text.append(']');
      }
      case Map<?, ?> map -> {
        text.append('{');
        String between = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          text.append(between);
          write(entry.getKey(), levels - 1);
          text.append(": ");
          write(entry.getValue(), levels - 1);
          between = ", ";
        }
        text.append('}');
      }
      case Object none when none == Values.NONE -> text.append(none);
      case null, default -> throw TemplateFault.unsupported("writing " + Values.kind(value));
    }
  }

  /** The shortest digits that give the number again, with an exponent only where Python has one. */
  private static String fraction(double number) {
    if (Double.isNaN(number)) return "nan";
    if (Double.isInfinite(number)) return number > 0 ? "inf" : "-inf";
    if (number == 0) return 1 / number < 0 ? "-0.0" : "0.0";
    BigDecimal digits = new BigDecimal(Double.toString(number)).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = digits.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String all = digits.unscaledValue().abs().toString();
    return (number < 0 ? "-" : "")
        + all.charAt(0)
        + (all.length() > 1 ? "." + all.substring(1) : "")
        + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  private void quote(String string) {
    char quote = string.contains("'") && !string.contains("\"") ? '"' : '\'';
    text.append(quote);
    string.codePoints().forEach(point -> write(point, quote));
    text.append(quote);
  }

  private void write(int point, char quote) {
    switch (point) {
      case '\n' -> text.append("\\n");
      case '\r' -> text.append("\\r");
      case '\t' -> text.append("\\t");
      case '\\' -> text.append("\\\\");
      default -> {
        if (point == quote) text.append('\\').append(quote);
        else if (PythonText.isPrintable(point)) text.appendCodePoint(point);
        else if (point < 0x100) text.append("\\x%02x".formatted(point));
        else if (point < 0x10000) text.append("\\u%04x".formatted(point));
        else text.append("\\U%08x".formatted(point));
      }
    }
  }
}
