package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A compiled program and what its compiler says of it. It runs once a client has loaded it. */
public final class PjrtExecutable implements AutoCloseable {
  private final PjrtApi api;
  private final Handle handle;

  PjrtExecutable(PjrtApi api, MemorySegment pointer) {
    this.api = api;
    handle = new Handle(api, Function.EXECUTABLE_DESTROY, pointer);
  }

  /** The program after the compiler's passes: a serialized {@code HloModuleProto}. */
  public byte[] optimizedProgram() {
    try (Arena arena = Arena.ofConfined()) {
      Struct program = PjrtApi.allocate(PjrtLayout.PROGRAM, arena);
      Struct arguments =
          PjrtApi.arguments(Function.EXECUTABLE_OPTIMIZED_PROGRAM, arena)
              .set("handle", handle.get())
              .set("value", program.memory());
      api.call(Function.EXECUTABLE_OPTIMIZED_PROGRAM, arguments); // gives the size
      MemorySegment code = arena.allocate(program.getLong("code_size"));
      program.set("code", code);
      api.call(Function.EXECUTABLE_OPTIMIZED_PROGRAM, arguments); // fills the memory
      return Programs.module(program, code);
    }
  }

  public MemoryStatistics memoryStatistics() {
    try (Arena arena = Arena.ofConfined()) {
      Struct bytes = api.on(Function.EXECUTABLE_GET_COMPILED_MEMORY_STATS, handle.get(), arena);
      return new MemoryStatistics(
          bytes.getLong("generated_code"),
          bytes.getLong("argument"),
          bytes.getLong("output"),
          bytes.getLong("alias"),
          bytes.getLong("temp"),
          bytes.getLong("peak"),
          bytes.getLong("host_temp"));
    }
  }

  /**
   * The compiler's estimates by their names, such as {@code flops} and {@code optimal_seconds}. Of
   * a partitioned program they can't be trusted, and a loop's body is counted once.
   *
   * @throws PjrtError UNIMPLEMENTED where the plugin has none
   */
  public Map<String, Double> costAnalysis() {
    Map<String, Double> costs = new TreeMap<>();
    for (NamedValue cost : api.namedValues(Function.EXECUTABLE_GET_COST_ANALYSIS, handle.get())) {
      switch (cost) {
        case NamedValue.Real(String name, float value) -> costs.put(name, (double) value);
        case NamedValue.Whole(String name, long value) -> costs.put(name, (double) value);
        case NamedValue.Text _, NamedValue.Wholes _, NamedValue.Flag _ -> {} // no quantity
      }
    }
    return costs;
  }

  /** In hexadecimal; the same for the same program, options and compiler. */
  public String fingerprint() {
    try (Arena arena = Arena.ofConfined()) {
      Struct text = api.on(Function.EXECUTABLE_FINGERPRINT, handle.get(), arena);
      return HexFormat.of()
          .formatHex(
              NativeCalls.view(text.getPointer("text"), text.getLong("size")).toArray(JAVA_BYTE));
    }
  }

  /** The bytes that a client of the same plugin, in the same version, can load. */
  public byte[] serialize() {
    try (Arena arena = Arena.ofConfined()) {
      Struct found = api.on(Function.EXECUTABLE_SERIALIZE, handle.get(), arena);
      try {
        return NativeCalls.view(found.getPointer("bytes"), found.getLong("size"))
            .toArray(JAVA_BYTE);
      } finally {
        NativeCalls.run(found.getPointer("deleter"), found.getPointer("backing"));
      }
    }
  }

  /** The outputs as each device holds them. */
  public List<OutputSpec> outputs() {
    int[] types =
        api.array(Function.EXECUTABLE_OUTPUT_ELEMENT_TYPES, handle.get(), Integer.BYTES)
            .toArray(JAVA_INT);
    try (Arena arena = Arena.ofConfined()) {
      Struct found = api.on(Function.EXECUTABLE_OUTPUT_DIMENSIONS, handle.get(), arena);
      MemorySegment ranks =
          NativeCalls.view(found.getPointer("dim_sizes"), (long) types.length * Long.BYTES);
      List<OutputSpec> outputs = new ArrayList<>();
      long at = found.getPointer("dims").address();
      for (int i = 0; i < types.length; i++) {
        long bytes = ranks.getAtIndex(JAVA_LONG, i) * Long.BYTES;
        long[] shape = NativeCalls.view(MemorySegment.ofAddress(at), bytes).toArray(JAVA_LONG);
        outputs.add(new OutputSpec(BufferTypes.type(types[i]), TensorShape.of(shape)));
        at += bytes;
      }
      return outputs;
    }
  }

  int numOutputs() {
    return Math.toIntExact(api.count(Function.EXECUTABLE_NUM_OUTPUTS, handle.get()));
  }

  @Override
  public void close() {
    handle.close();
  }
}
