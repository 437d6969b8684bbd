package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A PJRT_Api whose functions are Java: what the binding writes into C structs arrives here as a
 * plugin would see it. It knows errors and attributes; tests add the functions that they need.
 *
 * <p>As plugins do, it refuses arguments that are shorter than it expects.
 */
public class FakePlugin implements AutoCloseable {
  static final int MINOR_VERSION = 90;

  final Arena arena = Arena.ofShared();
  private final MemorySegment table;
  private final Map<Long, Object> objects = new ConcurrentHashMap<>();

  /** What a function does with its arguments. */
  interface Body {
    void run(Struct arguments);
  }

  /** What a body throws to make the function return an error. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final int code;

    Failure(PjrtError.Code code, String message) {
      super(message);
      this.code = code.ordinal();
    }
  }

  FakePlugin() {
    long size = Function.EXECUTABLE_GET_COMPILED_MEMORY_STATS.offset + 8;
    table = arena.allocate(size, 8);
    new Struct(PjrtLayout.API, table)
        .set("struct_size", size)
        .set("version_size", 24L)
        .set("major", 0)
        .set("minor", MINOR_VERSION);
    on(Function.PLUGIN_INITIALIZE, _ -> {});
    on(
        Function.PLUGIN_ATTRIBUTES,
        arguments -> {
          arguments.set("elements", attributes()).set("count", 1L);
        });
    procedure(
        Function.ERROR_MESSAGE,
        arguments -> {
          byte[] message =
              object(arguments, "handle", Failure.class)
                  .getMessage()
                  .getBytes(StandardCharsets.UTF_8);
          text(arguments, message);
        });
    on(
        Function.ERROR_GET_CODE,
        arguments -> arguments.set("value", object(arguments, "handle", Failure.class).code));
    procedure(Function.ERROR_DESTROY, this::destroy);
  }

  private MemorySegment attributes() {
    return NamedValues.write(List.of(new NamedValue.Wholes("versions", List.of(1L, 2L))), arena);
  }

  /** The plugin as the binding has it once its library is loaded. */
  public PjrtPlugin open() {
    return new PjrtPlugin("fake.so", table);
  }

  /** The header of the table, to be tampered with. */
  Struct header() {
    return new Struct(PjrtLayout.API, table);
  }

  void on(Function function, Body body) {
    put(function, FunctionDescriptor.of(ADDRESS, ADDRESS), target(function, body));
  }

  /** Leaves a hole in the table. */
  void remove(Function function) {
    table.set(ADDRESS, function.offset, MemorySegment.NULL);
  }

  private void procedure(Function function, Body body) {
    put(
        function,
        FunctionDescriptor.ofVoid(ADDRESS),
        MethodHandles.dropReturn(target(function, body)));
  }

  @SuppressWarnings("restricted")
  private void put(Function function, FunctionDescriptor signature, MethodHandle target) {
    MemorySegment pointer = Linker.nativeLinker().upcallStub(target, signature, arena);
    table.set(ADDRESS, function.offset, pointer);
  }

  private MethodHandle target(Function function, Body body) {
    try {
      return MethodHandles.lookup()
          .bind(
              this,
              "call",
              MethodType.methodType(
                  MemorySegment.class, Function.class, Body.class, MemorySegment.class))
          .bindTo(function)
          .bindTo(body);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no method", e);
    }
  }

  /** Reached from native code. */
  MemorySegment call(Function function, Body body, MemorySegment pointer) {
    try {
      Struct arguments = function.arguments.at(pointer);
      if (arguments.getLong("struct_size") < function.arguments.size()) {
        throw new Failure(PjrtError.Code.INVALID_ARGUMENT, "Unexpected size for " + function.cName);
      }
      body.run(arguments);
      return MemorySegment.NULL;
    } catch (Failure failure) {
      return handle(failure);
    } catch (RuntimeException e) {
      return handle(new Failure(PjrtError.Code.INTERNAL, "in the fake plugin: " + e));
    }
  }

  /** A pointer that stands for an object until it is destroyed. */
  MemorySegment handle(Object object) {
    MemorySegment pointer = arena.allocate(8);
    objects.put(pointer.address(), object);
    return pointer;
  }

  <T> T object(MemorySegment pointer, Class<T> type) {
    Object object = objects.get(pointer.address());
    if (!type.isInstance(object)) {
      throw new Failure(PjrtError.Code.INVALID_ARGUMENT, object + " is no " + type.getSimpleName());
    }
    return type.cast(object);
  }

  <T> T object(Struct arguments, String field, Class<T> type) {
    return object(arguments.getPointer(field), type);
  }

  void destroy(Struct arguments) {
    if (objects.remove(arguments.getPointer("handle").address()) == null) {
      throw new Failure(PjrtError.Code.INVALID_ARGUMENT, "destroyed twice");
    }
  }

  /** Destroys what a callback of the binding's handed over. */
  void forget(MemorySegment pointer) {
    objects.remove(pointer.address());
  }

  /** What has not been destroyed. */
  Collection<Object> alive() {
    return objects.values();
  }

  /** Answers a question with yes or no. */
  static void flag(Struct arguments, boolean value) {
    arguments.memory().set(JAVA_BOOLEAN, 24, value);
  }

  void text(Struct arguments, byte[] text) {
    arguments.set("text", arena.allocateFrom(JAVA_BYTE, text)).set("size", (long) text.length);
  }

  @Override
  public void close() {
    arena.close();
  }
}
