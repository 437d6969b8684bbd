package io.gemlab.tpu.device;

import io.gemlab.graph.base.tensor.Arguments;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.tpu.pjrt.PjrtBuffer;
import io.gemlab.tpu.pjrt.PjrtClient;
import io.gemlab.tpu.pjrt.PjrtExecution;
import io.gemlab.tpu.pjrt.PjrtLoadedExecutable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * A program on a device. Its updates take the memory of the state that they replace, where the
 * program was exported so: state never leaves the device, and is there once.
 */
public final class DeviceProgram implements AutoCloseable {
  /** What a call consists of. */
  public enum Phase {
    /** Arguments to the device. */
    UPLOAD,
    /** The program itself. */
    PROGRAM,
    /** Results to the host. */
    DOWNLOAD
  }

  private final Device device;
  private final ProgramSignature signature;
  private final Placement placement;
  private final PjrtLoadedExecutable executable;

  DeviceProgram(
      Device device,
      ProgramSignature signature,
      Placement placement,
      PjrtLoadedExecutable executable) {
    this.device = device;
    this.signature = signature;
    this.placement = placement;
    this.executable = executable;
  }

  Placement placement() {
    return placement;
  }

  /** Calls the program; see {@link #run(DeviceState, Map, BiConsumer)}. */
  public Results run(DeviceState state, Map<String, HostTensor> arguments) {
    return run(state, arguments, (phase, took) -> {});
  }

  /**
   * Calls the program and waits for it: its updates become the state's next values.
   *
   * @param arguments a tensor for each of the signature's arguments; they stay the caller's
   * @param timed told how long each phase took, in order
   * @return the results; the caller closes them
   * @throws IllegalArgumentException if an argument is missing, unknown, or of another type or
   *     shape
   * @throws IllegalStateException if a state was not assigned
   * @throws io.gemlab.tpu.pjrt.PjrtError if the run fails; state that it updates may be lost then
   */
  public Results run(
      DeviceState state, Map<String, HostTensor> arguments, BiConsumer<Phase, Duration> timed) {
    try (Call call = start(state, arguments, timed)) {
      return call.await();
    }
  }

  /**
   * Starts a call: its updates are the state's next values at once, so that calls can be queued one
   * behind the other.
   *
   * @return what waits for the results; the caller closes it
   * @throws IllegalArgumentException as {@link #run(DeviceState, Map, BiConsumer)}
   */
  public Call start(
      DeviceState state, Map<String, HostTensor> arguments, BiConsumer<Phase, Duration> timed) {
    List<HostTensor> values = Arguments.inOrder(signature.name(), signature.arguments(), arguments);
    Call call = new Call(new Stopwatch(timed));
    try {
      List<PlacedTensor> inputs = new ArrayList<>();
      for (TensorSpec spec : signature.state()) inputs.add(state.tensor(spec.name()));
      for (int i = 0; i < values.size(); i++) {
        call.uploaded.add(device.put(values.get(i), placement.arguments().get(i)));
      }
      inputs.addAll(call.uploaded);
      call.watch.ended(Phase.UPLOAD);
      call.run = executable.execute(piecesByDevice(inputs), Set.of());
      take(call.run.outputs(), state, call.placed);
      call.startDownloads();
      return call;
    } catch (RuntimeException e) {
      call.close();
      throw e;
    }
  }

  /** A call that was started. */
  public final class Call implements AutoCloseable {
    private final Stopwatch watch;
    private final List<PlacedTensor> uploaded = new ArrayList<>();
    private final List<PlacedTensor> placed = new ArrayList<>();
    private final Map<PlacedTensor, PlacedTensor.Download> started = new IdentityHashMap<>();
    private PjrtExecution run;

    private Call(Stopwatch watch) {
      this.watch = watch;
    }

    /**
     * Copies of small results are queued behind the run, so that none waits for the host to see it
     * end. Large ones wait: their memory on the host takes longer to get than a step does.
     */
    private void startDownloads() {
      for (int i = 0; i < placed.size(); i++) {
        if (signature.results().get(i).bytes() <= PjrtClient.SMALL) {
          started.put(placed.get(i), placed.get(i).startToHost());
        }
      }
    }

    /**
     * Waits for the results; the caller closes them.
     *
     * @throws io.gemlab.tpu.pjrt.PjrtError if the run fails; state that it updates may be lost then
     */
    public Results await() {
      Map<String, HostTensor> tensors = new LinkedHashMap<>();
      Results results = new Results(tensors);
      try {
        run.await();
        watch.ended(Phase.PROGRAM);
        for (int i = 0; i < placed.size(); i++) {
          PlacedTensor.Download download = started.get(placed.get(i));
          HostTensor host = download == null ? placed.get(i).toHost() : download.await();
          tensors.put(signature.results().get(i).name(), host);
        }
        watch.ended(Phase.DOWNLOAD);
        return results;
      } catch (RuntimeException e) {
        results.close();
        throw e;
      }
    }

    @Override
    public void close() {
      started.values().forEach(PlacedTensor.Download::close);
      placed.forEach(PlacedTensor::close);
      if (run != null) run.close();
      uploaded.forEach(PlacedTensor::close);
    }
  }

  private List<List<PjrtBuffer>> piecesByDevice(List<PlacedTensor> tensors) {
    List<List<PjrtBuffer>> byDevice = new ArrayList<>();
    for (int number : device.here()) {
      byDevice.add(tensors.stream().map(tensor -> tensor.buffers().get(number)).toList());
    }
    return byDevice;
  }

  /** Takes the outputs before anything can fail: the updates' old values are gone. */
  private void take(List<List<PjrtBuffer>> outputs, DeviceState state, List<PlacedTensor> results) {
    int output = 0;
    for (Shards shards : placement.results()) {
      results.add(new PlacedTensor(shards, pieces(outputs, output++)));
    }
    for (String update : signature.updates()) state.replace(update, pieces(outputs, output++));
  }

  private SortedMap<Integer, PjrtBuffer> pieces(List<List<PjrtBuffer>> outputs, int number) {
    SortedMap<Integer, PjrtBuffer> pieces = new TreeMap<>();
    for (int i = 0; i < outputs.size(); i++) {
      pieces.put(device.here().get(i), outputs.get(i).get(number));
    }
    return pieces;
  }

  @Override
  public void close() {
    executable.close();
  }

  /** Tells how long each phase took. */
  private static final class Stopwatch {
    private final BiConsumer<Phase, Duration> timed;
    private long start = System.nanoTime();

    Stopwatch(BiConsumer<Phase, Duration> timed) {
      this.timed = timed;
    }

    void ended(Phase phase) {
      long now = System.nanoTime();
      timed.accept(phase, Duration.ofNanos(now - start));
      start = now;
    }
  }
}
