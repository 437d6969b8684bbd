package io.gemlab.tpu.bundle;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.tpu.device.Device;
import io.gemlab.tpu.device.DeviceProgram;
import io.gemlab.tpu.device.DeviceProgram.Phase;
import io.gemlab.tpu.device.DeviceState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** The programs of a bundle on a device, called one after the other. */
final class BundleStep implements AutoCloseable {
  private final Bundle bundle;
  private final List<DeviceProgram> programs = new ArrayList<>();

  /** Compiles them. */
  BundleStep(Device device, Bundle bundle) {
    this.bundle = bundle;
    try {
      for (Bundle.Program program : bundle.programs()) {
        programs.add(device.compile(program.signature(), program.hlo()));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The state that they share, with no values yet; the caller closes it before this. */
  DeviceState state(Device device) {
    return new DeviceState(device, programs);
  }

  /**
   * Takes a step.
   *
   * @param feed gives each call its arguments and hears what comes of it
   * @param timed told how long each phase of each call took
   * @return what the calls gave, of a name the last, and the step's mean loss; the caller closes it
   */
  Results run(DeviceState state, Feed feed, BiConsumer<Phase, Duration> timed) {
    Map<String, HostTensor> last = new LinkedHashMap<>();
    Results results = new Results(last);
    try {
      for (int i = 0; i < programs.size(); i++) {
        Bundle.Program program = bundle.programs().get(i);
        for (int call = 0; call < program.calls(); call++) {
          Results given = programs.get(i).run(state, feed.arguments(program, call), timed);
          given
              .tensors()
              .forEach(
                  (name, tensor) -> {
                    HostTensor before = last.put(name, tensor);
                    if (before != null) before.close();
                  });
          feed.take(given);
        }
      }
      feed.loss().ifPresent(loss -> last.putIfAbsent(Feed.LOSS, HostTensor.scalar(loss)));
      return results;
    } catch (RuntimeException e) {
      results.close();
      throw e;
    }
  }

  @Override
  public void close() {
    programs.forEach(DeviceProgram::close);
  }
}
