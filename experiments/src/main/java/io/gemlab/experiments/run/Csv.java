package io.gemlab.experiments.run;

/** Comma-separated values for other tools: RFC 4180 with a heading. */
public final class Csv {
  private final StringBuilder text = new StringBuilder();

  /** A file with only its heading. */
  public Csv(String... heading) {
    row((Object[]) heading);
  }

  /** Adds a line; names may hold commas and quotes. */
  public void row(Object... values) {
    for (int i = 0; i < values.length; i++) {
      text.append(i == 0 ? "" : ",").append(quoted(values[i].toString()));
    }
    text.append("\r\n");
  }

  private static String quoted(String text) {
    return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  /** The whole file. */
  @Override
  public String toString() {
    return text.toString();
  }
}
