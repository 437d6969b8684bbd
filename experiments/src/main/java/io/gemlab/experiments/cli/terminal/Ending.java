package io.gemlab.experiments.cli.terminal;

import io.gemlab.graph.decode.FinishReason;
import java.io.PrintWriter;

/** Says why an answer ended, where it isn't by the model's own end. */
public final class Ending {
  private Ending() {}

  /**
   * @param whenFull what helps once the model's context is full
   */
  public static void print(PrintWriter err, FinishReason reason, String whenFull) {
    switch (reason) {
      case CANCELLED -> err.println("(stopped)");
      case LENGTH -> err.println("(cut; --max-new-tokens allows more)");
      case CONTEXT -> err.println("(cut: the model's context is full; " + whenFull + ")");
      case STOP_STRING -> err.println("(ended by a stop string)");
      case STOP_TOKEN -> {}
    }
  }
}
