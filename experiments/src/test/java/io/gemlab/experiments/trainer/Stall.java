package io.gemlab.experiments.trainer;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.EventRequest;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A thread of another JVM that stands still where it calls a method, as if that read from where
 * nothing comes; all its other threads go on.
 */
final class Stall implements AutoCloseable {
  /** The option of a JVM that lets a debugger in. */
  static final String AGENT =
      "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,quiet=y,address=127.0.0.1:0";

  private final VirtualMachine machine;

  private Stall(VirtualMachine machine) {
    this.machine = machine;
  }

  /**
   * Waits until a thread is there.
   *
   * @param type loaded already
   * @param method of which it has one
   */
  static Stall at(long pid, Class<?> type, String method) throws Exception {
    AttachingConnector connector =
        Bootstrap.virtualMachineManager().attachingConnectors().stream()
            .filter(one -> one.name().equals("com.sun.jdi.ProcessAttach"))
            .findFirst()
            .orElseThrow();
    Map<String, Connector.Argument> arguments = connector.defaultArguments();
    arguments.get("pid").setValue(String.valueOf(pid));
    Stall stall = new Stall(connector.attach(arguments));
    boolean there = false;
    try {
      stall.await(type, method);
      there = true;
      return stall;
    } finally {
      if (!there) stall.close();
    }
  }

  private void await(Class<?> type, String method) throws InterruptedException {
    BreakpointRequest entry =
        machine
            .eventRequestManager()
            .createBreakpointRequest(
                machine
                    .classesByName(type.getName())
                    .getFirst()
                    .methodsByName(method)
                    .getFirst()
                    .location());
    entry.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
    entry.enable();
    if (machine.eventQueue().remove(TimeUnit.SECONDS.toMillis(60)) == null) {
      throw new IllegalStateException(method + " wasn't called");
    }
  }

  /** Lets the thread go on, if its process is still there. */
  @Override
  public void close() {
    try {
      machine.dispose();
    } catch (VMDisconnectedException e) {
      // It has ended.
    }
  }
}
