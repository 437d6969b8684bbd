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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** The native functions of the binding, each beside its C signature. */
@SuppressWarnings("restricted")
final class NativeCalls {
  private static final int RTLD_NOW = 2;
  private static final long LONGEST_MESSAGE = 4096;
  private static final Linker LINKER = Linker.nativeLinker();

  /** {@code void *dlopen(const char *file, int mode)}. */
  private static final MethodHandle DLOPEN =
      libc("dlopen", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));

  /** {@code char *dlerror(void)}. */
  private static final MethodHandle DLERROR = libc("dlerror", FunctionDescriptor.of(ADDRESS));

  /** {@code void *dlsym(void *library, const char *symbol)}. */
  private static final MethodHandle DLSYM =
      libc("dlsym", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));

  /** {@code const PJRT_Api *GetPjrtApi(void)}. */
  private static final MethodHandle GETTER = LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS));

  /** {@code PJRT_Error *function(Args *args)}. */
  private static final MethodHandle FUNCTION =
      LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS, ADDRESS));

  /** {@code void function(Args *args)}: the functions on errors, and the deleters of memory. */
  private static final MethodHandle PROCEDURE =
      LINKER.downcallHandle(FunctionDescriptor.ofVoid(ADDRESS));

  /**
   * {@code PJRT_Error *maker(PJRT_Error_Code code, const char *message, size_t message_size)}: the
   * {@code PJRT_CallbackError} that a callback is handed.
   */
  private static final MethodHandle ERROR_MAKER =
      LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG));

  /** {@code void *malloc(size_t size)}. */
  private static final MethodHandle MALLOC =
      libc("malloc", FunctionDescriptor.of(ADDRESS, JAVA_LONG));

  /** {@code void free(void *memory)}: a deleter of what is {@link #inHeap}. */
  static final MemorySegment FREE = LINKER.defaultLookup().findOrThrow("free");

  private NativeCalls() {}

  private static MethodHandle libc(String name, FunctionDescriptor signature) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), signature);
  }

  /**
   * Loads a library for the rest of the process's life.
   *
   * @throws LinkageError with the loader's own reason
   */
  static MemorySegment load(Path library) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = arena.allocateFrom(library.toString());
      MemorySegment loaded = (MemorySegment) DLOPEN.invokeExact(file, RTLD_NOW);
      if (!isNull(loaded)) return loaded;
      MemorySegment reason = (MemorySegment) DLERROR.invokeExact();
      throw new LinkageError(isNull(reason) ? "no reason given" : terminated(reason));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static Optional<MemorySegment> symbol(MemorySegment library, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment symbol = (MemorySegment) DLSYM.invokeExact(library, arena.allocateFrom(name));
      return isNull(symbol) ? Optional.empty() : Optional.of(symbol);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Calls a function without arguments. */
  static MemorySegment get(MemorySegment function) {
    try {
      return (MemorySegment) GETTER.invokeExact(function);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Calls a function of PJRT's; an error it returned, or a null pointer. */
  static MemorySegment call(MemorySegment function, MemorySegment arguments) {
    try {
      return (MemorySegment) FUNCTION.invokeExact(function, arguments);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Calls a function that returns nothing. */
  static void run(MemorySegment function, MemorySegment arguments) {
    try {
      PROCEDURE.invokeExact(function, arguments);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** {@code PJRT_Error *callback(Args *args)}, which is {@code target} while the arena lives. */
  static MemorySegment callback(MethodHandle target, Arena arena) {
    return LINKER.upcallStub(target, FunctionDescriptor.of(ADDRESS, ADDRESS), arena);
  }

  /** An error that a callback returns, made by who called it. */
  static MemorySegment makeError(MemorySegment maker, PjrtError.Code code, String message) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] text = message.getBytes(StandardCharsets.UTF_8);
      MemorySegment copied = arena.allocateFrom(JAVA_BYTE, text);
      return (MemorySegment)
          ERROR_MAKER.invokeExact(maker, code.ordinal(), copied, (long) text.length);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** A copy that {@link #FREE} frees. */
  static MemorySegment inHeap(byte[] bytes) {
    try {
      MemorySegment memory = (MemorySegment) MALLOC.invokeExact(Math.max(1L, bytes.length));
      if (isNull(memory)) throw new OutOfMemoryError("no memory for " + bytes.length + " bytes");
      view(memory, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
      return memory;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean isNull(MemorySegment pointer) {
    return pointer.address() == 0;
  }

  /** The bytes at a pointer that somebody else owns. */
  static MemorySegment view(MemorySegment pointer, long bytes) {
    return pointer.reinterpret(bytes);
  }

  /** The text at a pointer, of a known length in bytes. */
  static String text(MemorySegment pointer, long bytes) {
    return new String(view(pointer, bytes).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private static String terminated(MemorySegment pointer) {
    return view(pointer, LONGEST_MESSAGE).getString(0);
  }

  private static RuntimeException unexpected(Throwable e) {
    switch (e) {
      case RuntimeException runtime -> throw runtime;
      case Error error -> throw error;
      default -> throw new IllegalStateException("a native call failed", e);
    }
  }
}
