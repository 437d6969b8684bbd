package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A plugin's table of functions. Each call checks that the table reaches to the function, and turns
 * an error that comes back into a {@link PjrtError}.
 */
final class PjrtApi {
  private final MemorySegment table;
  private final int minorVersion;

  /**
   * @param pointer a {@code PJRT_Api}
   * @param plugin whose it is, for messages
   * @throws InvalidInput if its version is none that this binding knows
   */
  PjrtApi(MemorySegment pointer, String plugin) {
    Struct header = PjrtLayout.API.at(pointer);
    int major = header.getInt("major");
    minorVersion = header.getInt("minor");
    if (major != PjrtLayout.MAJOR_VERSION || minorVersion < PjrtLayout.OLDEST_MINOR_VERSION) {
      throw new InvalidInput(
          "%s speaks version %d.%d of PJRT, and Gemlab from %d.%d on: install a newer plugin"
              .formatted(
                  plugin,
                  major,
                  minorVersion,
                  PjrtLayout.MAJOR_VERSION,
                  PjrtLayout.OLDEST_MINOR_VERSION));
    }
    table = NativeCalls.view(pointer, header.getLong("struct_size"));
  }

  /** The version of the interface, such as {@code 0.117}. */
  String version() {
    return PjrtLayout.MAJOR_VERSION + "." + minorVersion;
  }

  /** A function's arguments, all zero but for their size. */
  static Struct arguments(Function function, Arena arena) {
    return allocate(function.arguments, arena);
  }

  /** A struct, all zero but for its size. */
  static Struct allocate(StructType type, Arena arena) {
    return type.allocate(arena).set("struct_size", type.size());
  }

  /**
   * Calls a function.
   *
   * @throws PjrtError if it returns an error, or UNIMPLEMENTED if the plugin doesn't have it
   */
  void call(Function function, Struct arguments) {
    MemorySegment error = NativeCalls.call(pointer(function), arguments.memory());
    if (!NativeCalls.isNull(error)) throw read(function, error);
  }

  /** A function of a handle that gives text. */
  String text(Function function, MemorySegment handle) {
    try (Arena arena = Arena.ofConfined()) {
      Struct arguments = on(function, handle, arena);
      return NativeCalls.text(arguments.getPointer("text"), arguments.getLong("size"));
    }
  }

  int integer(Function function, MemorySegment handle) {
    try (Arena arena = Arena.ofConfined()) {
      return on(function, handle, arena).getInt("value");
    }
  }

  boolean flag(Function function, MemorySegment handle) {
    try (Arena arena = Arena.ofConfined()) {
      return on(function, handle, arena).getBoolean("value");
    }
  }

  MemorySegment pointer(Function function, MemorySegment handle) {
    try (Arena arena = Arena.ofConfined()) {
      return on(function, handle, arena).getPointer("value");
    }
  }

  long count(Function function, MemorySegment handle) {
    try (Arena arena = Arena.ofConfined()) {
      return on(function, handle, arena).getLong("value");
    }
  }

  List<MemorySegment> pointers(Function function, MemorySegment handle) {
    MemorySegment array = array(function, handle, ADDRESS.byteSize());
    List<MemorySegment> pointers = new ArrayList<>();
    for (long at = 0; at < array.byteSize(); at += ADDRESS.byteSize()) {
      pointers.add(array.get(ADDRESS, at));
    }
    return pointers;
  }

  /** The elements of a list, as memory that the handle owns. */
  MemorySegment array(Function function, MemorySegment handle, long elementBytes) {
    try (Arena arena = Arena.ofConfined()) {
      Struct arguments = on(function, handle, arena);
      long bytes = Math.multiplyExact(arguments.getLong("count"), elementBytes);
      return NativeCalls.view(arguments.getPointer("elements"), bytes);
    }
  }

  List<NamedValue> namedValues(Function function, MemorySegment handle) {
    try (Arena arena = Arena.ofConfined()) {
      Struct arguments = on(function, handle, arena);
      return NamedValues.read(arguments.getPointer("elements"), arguments.getLong("count"));
    }
  }

  /** Calls a function whose only input is a handle. */
  Struct on(Function function, MemorySegment handle, Arena arena) {
    Struct arguments = arguments(function, arena).set("handle", handle);
    call(function, arguments);
    return arguments;
  }

  private MemorySegment pointer(Function function) {
    if (function.offset + ADDRESS.byteSize() <= table.byteSize()) {
      MemorySegment pointer = table.get(ADDRESS, function.offset);
      if (!NativeCalls.isNull(pointer)) return pointer;
    }
    throw new PjrtError(
        function.cName,
        PjrtError.Code.UNIMPLEMENTED,
        "the plugin doesn't have this function; its PJRT version is " + version());
  }

  private PjrtError read(Function function, MemorySegment error) {
    try (Arena arena = Arena.ofConfined()) {
      Struct message = arguments(Function.ERROR_MESSAGE, arena).set("handle", error);
      NativeCalls.run(pointer(Function.ERROR_MESSAGE), message.memory());
      String details = NativeCalls.text(message.getPointer("text"), message.getLong("size"));
      Struct code = arguments(Function.ERROR_GET_CODE, arena).set("handle", error);
      NativeCalls.call(pointer(Function.ERROR_GET_CODE), code.memory());
      Struct destroyed = arguments(Function.ERROR_DESTROY, arena).set("handle", error);
      NativeCalls.run(pointer(Function.ERROR_DESTROY), destroyed.memory());
      return new PjrtError(function.cName, PjrtError.Code.of(code.getInt("value")), details);
    }
  }
}
