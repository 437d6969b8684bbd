package io.gemlab.experiments.run;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.tpu.path.MeshPath;
import io.gemlab.tpu.path.PjrtPath;
import java.util.List;

/**
 * Whether the devices are there that a long experiment will run on; asked in a process of its own,
 * since a device belongs to the first process that takes it.
 */
public final class DeviceProbe {
  private DeviceProbe() {}

  /**
   * @throws InvalidInput if one has no plugin, or not as many devices
   */
  public static void require(List<ExecutionPath> paths) {
    for (ExecutionPath path : paths) {
      if (path instanceof PjrtPath one) require(one, 1);
      if (path instanceof MeshPath many) require(many.devices(), many.mesh().devices());
    }
  }

  private static void require(PjrtPath path, int devices) {
    try {
      ChildJvm.Ended ended =
          ChildJvm.run(DeviceProbe.class, List.of(path.label(), String.valueOf(devices)));
      if (ended.exitCode() == 0) return;
      throw new InvalidInput("--path " + path.label() + ": " + ended.lastLine());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while looking for devices", e);
    }
  }

  /**
   * Takes as many devices of a path as the second argument says and gives them back; the last line
   * says why it can't.
   */
  public static void main(String[] arguments) {
    JavaProcess.endWithParent();
    int exitCode = 0;
    try {
      new PjrtPath(arguments[0]).open(Integer.parseInt(arguments[1])).close();
    } catch (RuntimeException e) {
      System.err.println(e.getMessage());
      exitCode = 1;
    }
    // The plugin's threads may still run; there is nothing to wait for.
    Runtime.getRuntime().halt(exitCode);
  }
}
