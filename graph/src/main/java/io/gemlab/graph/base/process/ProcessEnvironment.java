package io.gemlab.graph.base.process;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The environment of this process as native libraries see it. Many read it while they load, so it
 * has to be set before; {@link System#getenv} shows what Java was started with and not these.
 */
public final class ProcessEnvironment {
  private ProcessEnvironment() {}

  /**
   * Sets a variable: {@code int setenv(const char *name, const char *value, int overwrite)}.
   *
   * @throws IllegalStateException if the name is none
   */
  @SuppressWarnings("restricted")
  public static void set(String name, String value) {
    Linker linker = Linker.nativeLinker();
    MethodHandle setenv =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("setenv"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment key = arena.allocateFrom(name);
      int status = (int) setenv.invokeExact(key, arena.allocateFrom(value), 1);
      if (status != 0) throw new IllegalStateException("setenv " + name + " failed");
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("setenv " + name + " failed", e);
    }
  }
}
