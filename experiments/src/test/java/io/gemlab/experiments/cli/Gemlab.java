package io.gemlab.experiments.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** A command line, run in this process. */
public record Gemlab(int exitCode, String out, String err) {
  public static Gemlab run(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) words[i] = arguments[i].toString();
    int exitCode = Main.run(words, new PrintWriter(out, true), new PrintWriter(err, true));
    return new Gemlab(exitCode, out.toString(), err.toString());
  }
}
