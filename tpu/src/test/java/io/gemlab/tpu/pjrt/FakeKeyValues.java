package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;

/**
 * The callbacks that a client was made with, called as XLA calls them ({@code ToCppKeyValueStore}
 * in its pjrt_c_api_helpers): each from a native thread of its own, an error made by us, a value
 * copied and then deleted.
 */
@SuppressWarnings("restricted")
final class FakeKeyValues {
  private static final Linker LINKER = Linker.nativeLinker();

  /**
   * {@code int pthread_create(pthread_t *thread, void *attributes, void *start, void *argument)}.
   */
  private static final MethodHandle PTHREAD_CREATE =
      libc("pthread_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS));

  /** {@code int pthread_join(pthread_t thread, void **result)}. */
  private static final MethodHandle PTHREAD_JOIN =
      libc("pthread_join", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS));

  private final FakePlugin plugin;
  private final MemorySegment get;
  private final MemorySegment tryGet;
  private final MemorySegment put;
  private final MemorySegment errorMaker;

  FakeKeyValues(FakePlugin plugin, Struct clientCreate) {
    this.plugin = plugin;
    get = clientCreate.getPointer("kv_get_callback");
    tryGet = clientCreate.getPointer("kv_try_get_callback");
    put = clientCreate.getPointer("kv_put_callback");
    errorMaker = plugin.arena.allocate(ADDRESS);
    errorMaker.set(ADDRESS, 0, maker());
  }

  private static MethodHandle libc(String name, FunctionDescriptor signature) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), signature);
  }

  private MemorySegment maker() {
    try {
      MethodHandle target =
          MethodHandles.lookup()
              .bind(
                  this,
                  "makeError",
                  MethodType.methodType(
                      MemorySegment.class, int.class, MemorySegment.class, long.class));
      FunctionDescriptor signature = FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG);
      return LINKER.upcallStub(target, signature, plugin.arena);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no method", e);
    }
  }

  /** Reached from native code. */
  MemorySegment makeError(int code, MemorySegment message, long size) {
    return plugin.handle(
        new FakePlugin.Failure(PjrtError.Code.of(code), NativeCalls.text(message, size)));
  }

  /** Whether there are any. */
  boolean areGiven() {
    return !NativeCalls.isNull(get);
  }

  void put(String key, byte[] value) {
    try (Arena arena = Arena.ofShared()) {
      Struct arguments = arguments(PjrtLayout.KEY_VALUE_PUT, key, arena);
      arguments
          .set("value", arena.allocateFrom(JAVA_BYTE, value))
          .set("value_size", (long) value.length);
      call(put, arguments);
    }
  }

  byte[] get(String key, int millis) {
    try (Arena arena = Arena.ofShared()) {
      return value(
          get, arguments(PjrtLayout.KEY_VALUE_GET, key, arena).set("timeout_in_ms", millis));
    }
  }

  byte[] tryGet(String key) {
    try (Arena arena = Arena.ofShared()) {
      return value(tryGet, arguments(PjrtLayout.KEY_VALUE_TRY_GET, key, arena));
    }
  }

  private Struct arguments(StructType type, String key, Arena arena) {
    byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
    return PjrtApi.allocate(type, arena)
        .set("key", arena.allocateFrom(JAVA_BYTE, bytes))
        .set("key_size", (long) bytes.length)
        .set("callback_error", errorMaker);
  }

  private byte[] value(MemorySegment function, Struct arguments) {
    call(function, arguments);
    MemorySegment value = arguments.getPointer("value");
    byte[] copied = NativeCalls.view(value, arguments.getLong("value_size")).toArray(JAVA_BYTE);
    NativeCalls.run(arguments.getPointer("value_deleter"), value);
    return copied;
  }

  /** A thread's start takes a pointer and gives one, as the callbacks do. */
  private void call(MemorySegment function, Struct arguments) {
    MemorySegment error;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment thread = arena.allocate(JAVA_LONG);
      MemorySegment result = arena.allocate(ADDRESS);
      int began =
          (int)
              PTHREAD_CREATE.invokeExact(thread, MemorySegment.NULL, function, arguments.memory());
      int joined = (int) PTHREAD_JOIN.invokeExact(thread.get(JAVA_LONG, 0), result);
      if (began != 0 || joined != 0) throw new IllegalStateException("no thread");
      error = result.get(ADDRESS, 0);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    if (NativeCalls.isNull(error)) return;
    FakePlugin.Failure failure = plugin.object(error, FakePlugin.Failure.class);
    plugin.forget(error);
    throw failure;
  }
}
