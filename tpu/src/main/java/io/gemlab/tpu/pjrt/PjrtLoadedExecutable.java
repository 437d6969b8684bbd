package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A compiled program on its devices, ready to run. */
public final class PjrtLoadedExecutable implements AutoCloseable {
  private final PjrtApi api;
  private final Handle handle;
  private final int numOutputs;

  PjrtLoadedExecutable(PjrtApi api, MemorySegment pointer) {
    this.api = api;
    handle = new Handle(api, Function.LOADED_EXECUTABLE_DESTROY, pointer);
    try (PjrtExecutable executable = executable()) {
      numOutputs = executable.numOutputs();
    }
  }

  /** What the compiler says of it; close it too. */
  public PjrtExecutable executable() {
    return new PjrtExecutable(
        api, api.pointer(Function.LOADED_EXECUTABLE_GET_EXECUTABLE, handle.get()));
  }

  /** Where it runs, in the order in which {@link #execute} takes the arguments. */
  public List<PjrtDevice> devices() {
    return PjrtDevice.list(api, Function.LOADED_EXECUTABLE_ADDRESSABLE_DEVICES, handle.get());
  }

  /**
   * Starts a run; what is computed may be passed on at once, before it is there.
   *
   * <p>An argument that the program aliases with an output is donated: its buffer is gone
   * afterwards.
   *
   * @param arguments for each device, its parts of the program's parameters in order
   * @param kept the positions of parameters that stay as they are although the program aliases them
   * @throws IllegalArgumentException if the devices differ in their number of arguments
   * @throws PjrtError if the run can't start; one that fails later fails its event and its outputs
   */
  public PjrtExecution execute(List<List<PjrtBuffer>> arguments, Set<Integer> kept) {
    int numArguments = arguments.getFirst().size();
    if (arguments.stream().anyMatch(list -> list.size() != numArguments)) {
      throw new IllegalArgumentException(
          "numbers of arguments: " + arguments.stream().map(List::size).toList());
    }
    try (Arena arena = Arena.ofConfined()) {
      long[] indices = kept.stream().mapToLong(Integer::longValue).sorted().toArray();
      Struct options =
          PjrtApi.allocate(PjrtLayout.EXECUTE_OPTIONS, arena)
              .set("non_donatable_input_indices", arena.allocateFrom(JAVA_LONG, indices))
              .set("num_non_donatable_input_indices", (long) indices.length);
      MemorySegment inputs = arena.allocate(ADDRESS, arguments.size());
      MemorySegment outputs = arena.allocate(ADDRESS, arguments.size());
      MemorySegment events = arena.allocate(ADDRESS, arguments.size());
      for (int device = 0; device < arguments.size(); device++) {
        MemorySegment list = arena.allocate(ADDRESS, numArguments);
        for (int i = 0; i < numArguments; i++) {
          list.setAtIndex(ADDRESS, i, arguments.get(device).get(i).pointer());
        }
        inputs.setAtIndex(ADDRESS, device, list);
        outputs.setAtIndex(ADDRESS, device, arena.allocate(ADDRESS, numOutputs));
      }
      Struct call =
          PjrtApi.arguments(Function.LOADED_EXECUTABLE_EXECUTE, arena)
              .set("executable", handle.get())
              .set("options", options.memory())
              .set("argument_lists", inputs)
              .set("num_devices", (long) arguments.size())
              .set("num_args", (long) numArguments)
              .set("output_lists", outputs)
              .set("device_complete_events", events);
      api.call(Function.LOADED_EXECUTABLE_EXECUTE, call);
      return results(outputs, events, arguments.size());
    }
  }

  private PjrtExecution results(MemorySegment outputs, MemorySegment events, int numDevices) {
    List<List<PjrtBuffer>> buffers = new ArrayList<>();
    List<PjrtEvent> complete = new ArrayList<>();
    for (int device = 0; device < numDevices; device++) {
      MemorySegment list =
          NativeCalls.view(outputs.getAtIndex(ADDRESS, device), numOutputs * ADDRESS.byteSize());
      List<PjrtBuffer> results = new ArrayList<>();
      for (int i = 0; i < numOutputs; i++) {
        results.add(new PjrtBuffer(api, list.getAtIndex(ADDRESS, i)));
      }
      buffers.add(results);
      complete.add(new PjrtEvent(api, events.getAtIndex(ADDRESS, device)));
    }
    return new PjrtExecution(buffers, complete);
  }

  @Override
  public void close() {
    handle.close();
  }
}
