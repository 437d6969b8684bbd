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
import java.util.Optional;
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
   * Begins a step: makes all of its calls but waits for all but the last, so that the next step can
   * be begun behind it.
   *
   * @param feed gives each call its arguments and hears what comes of it
   * @param timed told how long each phase of each call took
   * @return what waits for the last call; the caller closes it
   */
  Begun begin(DeviceState state, Feed feed, BiConsumer<Phase, Duration> timed) {
    Begun begun = new Begun(feed);
    try {
      for (int i = 0; i < programs.size(); i++) {
        Bundle.Program program = bundle.programs().get(i);
        for (int call = 0; call < program.calls(); call++) {
          begun.finishCall();
          begun.call = programs.get(i).start(state, feed.arguments(program, call), timed);
        }
      }
      return begun;
    } catch (RuntimeException e) {
      begun.close();
      throw e;
    }
  }

  /** A step that was begun. */
  static final class Begun implements AutoCloseable {
    private final Feed feed;
    private final Map<String, HostTensor> last = new LinkedHashMap<>();
    private Optional<Float> loss = Optional.empty();
    private DeviceProgram.Call call;

    private Begun(Feed feed) {
      this.feed = feed;
    }

    private void finishCall() {
      if (call == null) return;
      Results given;
      try (DeviceProgram.Call done = call) {
        given = done.await();
      }
      call = null;
      given
          .tensors()
          .forEach(
              (name, tensor) -> {
                HostTensor before = last.put(name, tensor);
                if (before != null) before.close();
              });
      feed.take(given);
      // The step after this one may be under way by the time its last call is waited for.
      if (loss.isEmpty()) loss = feed.loss();
    }

    /**
     * Waits for the step.
     *
     * @return what the calls gave, of a name the last, and the step's mean loss; open until this is
     *     closed
     */
    Results await() {
      finishCall();
      loss.ifPresent(mean -> last.putIfAbsent(Feed.LOSS, HostTensor.scalar(mean)));
      return new Results(last);
    }

    @Override
    public void close() {
      if (call != null) call.close();
      last.values().forEach(HostTensor::close);
    }
  }

  @Override
  public void close() {
    programs.forEach(DeviceProgram::close);
  }
}
