package io.gemlab.tpu.device;

import io.gemlab.graph.path.Arguments;
import io.gemlab.graph.path.Results;
import io.gemlab.graph.tensor.HostTensor;
import io.gemlab.graph.tensor.TensorSpec;
import io.gemlab.tpu.pjrt.PjrtBuffer;
import io.gemlab.tpu.pjrt.PjrtExecution;
import io.gemlab.tpu.pjrt.PjrtLoadedExecutable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  private final PjrtLoadedExecutable executable;

  DeviceProgram(Device device, ProgramSignature signature, PjrtLoadedExecutable executable) {
    this.device = device;
    this.signature = signature;
    this.executable = executable;
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
    List<HostTensor> values = Arguments.inOrder(signature.name(), signature.arguments(), arguments);
    Stopwatch watch = new Stopwatch(timed);
    List<PjrtBuffer> inputs = new ArrayList<>();
    for (TensorSpec spec : signature.state()) inputs.add(state.buffer(spec.name()));
    List<PjrtBuffer> uploaded = new ArrayList<>();
    try {
      for (HostTensor value : values) uploaded.add(device.put(value));
      inputs.addAll(uploaded);
      watch.ended(Phase.UPLOAD);
      try (PjrtExecution run = executable.execute(List.of(inputs), Set.of())) {
        List<PjrtBuffer> outputs = run.outputs().getFirst();
        List<PjrtBuffer> results = outputs.subList(0, signature.results().size());
        try {
          keep(state, outputs);
          run.await();
          watch.ended(Phase.PROGRAM);
          Results downloaded = download(results);
          watch.ended(Phase.DOWNLOAD);
          return downloaded;
        } finally {
          results.forEach(PjrtBuffer::close);
        }
      }
    } finally {
      uploaded.forEach(PjrtBuffer::close);
    }
  }

  /** Takes the updates out of the outputs before anything can fail: their old values are gone. */
  private void keep(DeviceState state, List<PjrtBuffer> outputs) {
    int output = signature.results().size();
    for (String update : signature.updates()) state.replace(update, outputs.get(output++));
  }

  private Results download(List<PjrtBuffer> buffers) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    Results results = new Results(tensors);
    try {
      for (int i = 0; i < buffers.size(); i++) {
        tensors.put(signature.results().get(i).name(), buffers.get(i).toHost());
      }
      return results;
    } catch (RuntimeException e) {
      results.close();
      throw e;
    }
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
