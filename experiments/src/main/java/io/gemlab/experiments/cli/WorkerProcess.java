package io.gemlab.experiments.cli;

import io.gemlab.graph.base.process.JavaProcess;

/** A worker that another process of this machine started, and with which it ends. */
final class WorkerProcess {
  private WorkerProcess() {}

  /**
   * @param arguments of {@code gemlab}
   */
  public static void main(String[] arguments) {
    JavaProcess.endWithParent();
    Main.main(arguments);
  }
}
