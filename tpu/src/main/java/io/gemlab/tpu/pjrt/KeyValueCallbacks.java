package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.gemlab.graph.base.keyvalue.KeyValueConnectionException;
import io.gemlab.graph.base.keyvalue.KeyValueStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeoutException;

/**
 * The functions through which a plugin's client meets the clients of other hosts, over a store that
 * all of them share. A plugin calls them from threads of its own, also long after its client was
 * made; close them after it.
 *
 * <p>A value that is handed over lies in C's heap and belongs to the plugin, which frees it by the
 * deleter beside it: {@code free}.
 */
final class KeyValueCallbacks implements AutoCloseable {
  /** Before the plugin's keys, which share the store with others'. */
  static final String PREFIX = "pjrt/";

  /** What a function does with its arguments. */
  private interface Body {
    void run(Struct arguments) throws Exception;
  }

  private final KeyValueStore store;
  private final Arena arena = Arena.ofShared();

  KeyValueCallbacks(KeyValueStore store) {
    this.store = store;
  }

  /** Hands them to a client that is made. */
  void writeTo(Struct clientCreate) {
    clientCreate
        .set("kv_get_callback", function(PjrtLayout.KEY_VALUE_GET, this::get))
        .set("kv_try_get_callback", function(PjrtLayout.KEY_VALUE_TRY_GET, this::tryGet))
        .set("kv_put_callback", function(PjrtLayout.KEY_VALUE_PUT, this::put));
  }

  private void get(Struct arguments) throws TimeoutException, InterruptedException {
    Duration timeout = Duration.ofMillis(arguments.getInt("timeout_in_ms"));
    give(arguments, store.get(key(arguments), timeout));
  }

  private void tryGet(Struct arguments) throws InterruptedException {
    String key = key(arguments);
    give(
        arguments,
        store.tryGet(key).orElseThrow(() -> new NoSuchElementException("there is no key " + key)));
  }

  private void put(Struct arguments) throws InterruptedException {
    store.put(key(arguments), bytes(arguments, "value"));
  }

  /** A byte a character, so that keys that differ stay different whatever bytes they are of. */
  private static String key(Struct arguments) {
    return PREFIX + new String(bytes(arguments, "key"), StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(Struct arguments, String field) {
    long size = arguments.getLong(field + "_size");
    return NativeCalls.view(arguments.getPointer(field), size).toArray(JAVA_BYTE);
  }

  private static void give(Struct arguments, byte[] value) {
    arguments
        .set("value", NativeCalls.inHeap(value))
        .set("value_size", (long) value.length)
        .set("value_deleter", NativeCalls.FREE);
  }

  private MemorySegment function(StructType type, Body body) {
    try {
      MethodHandle target =
          MethodHandles.lookup()
              .findStatic(
                  KeyValueCallbacks.class,
                  "call",
                  MethodType.methodType(
                      MemorySegment.class, StructType.class, Body.class, MemorySegment.class))
              .bindTo(type)
              .bindTo(body);
      return NativeCalls.callback(target, arena);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no method", e);
    }
  }

  /** Reached from native code, into which nothing may be thrown: it would end the process. */
  private static MemorySegment call(StructType type, Body body, MemorySegment pointer) {
    Struct arguments = type.at(pointer);
    try {
      body.run(arguments);
      return MemorySegment.NULL;
    } catch (Throwable e) {
      MemorySegment maker =
          NativeCalls.view(arguments.getPointer("callback_error"), ADDRESS.byteSize())
              .get(ADDRESS, 0);
      return NativeCalls.makeError(maker, code(e), String.valueOf(e.getMessage()));
    }
  }

  private static PjrtError.Code code(Throwable e) {
    return switch (e) {
      case NoSuchElementException _ -> PjrtError.Code.NOT_FOUND;
      case TimeoutException _ -> PjrtError.Code.DEADLINE_EXCEEDED;
      case KeyValueConnectionException _ -> PjrtError.Code.UNAVAILABLE;
      case IllegalArgumentException _ -> PjrtError.Code.INVALID_ARGUMENT;
      case IllegalStateException _ -> PjrtError.Code.RESOURCE_EXHAUSTED;
      case InterruptedException _ -> PjrtError.Code.CANCELLED;
      default -> PjrtError.Code.INTERNAL;
    };
  }

  @Override
  public void close() {
    arena.close();
  }
}
