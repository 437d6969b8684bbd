package io.gemlab.experiments.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * The user's standard error. {@code ./gemlab} puts it on another file descriptor and reads the
 * second itself, where the JVM and native libraries log: that is shown only if the process dies.
 * Started in another way, both are the second as ever.
 */
public final class StandardError {
  /** Set by {@code ./gemlab}: the file descriptor of the user's standard error. */
  private static final String DESCRIPTOR = "gemlab.stderr";

  /** Set by {@code ./gemlab}: what to log at the end of a process that did not die. */
  private static final String ORDERLY = "gemlab.orderly";

  private StandardError() {}

  /** Directs {@link System#err} to the user. */
  public static void direct() {
    Integer descriptor = Integer.getInteger(DESCRIPTOR);
    if (descriptor == null) return;
    System.setErr(new PrintStream(new Descriptor(descriptor), true, StandardCharsets.UTF_8));
    Runtime.getRuntime().addShutdownHook(new Thread(StandardError::endInOrder, "orderly end"));
  }

  /**
   * Ends the process at once, whatever its threads do, after it has said why.
   *
   * @param exitCode its exit code
   */
  public static void halt(int exitCode) {
    System.err.flush();
    if (Integer.getInteger(DESCRIPTOR) != null) endInOrder();
    Runtime.getRuntime().halt(exitCode);
  }

  private static void endInOrder() {
    try (FileOutputStream log = new FileOutputStream(FileDescriptor.err)) {
      log.write((System.getProperty(ORDERLY) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // Nobody reads it.
    }
  }

  /** An open file descriptor, which Java's own streams can't be made of. */
  private static final class Descriptor extends OutputStream {
    private final int number;
    private MethodHandle write;

    Descriptor(int number) {
      this.number = number;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment from = arena.allocate(Math.max(1, length));
        MemorySegment.copy(bytes, offset, from, ValueLayout.JAVA_BYTE, 0, length);
        for (long written = 0; written < length; ) {
          long more =
              (long) function().invokeExact(number, from.asSlice(written), length - written);
          if (more < 0) throw new IOException("writing to standard error failed");
          written += more;
        }
      } catch (IOException | RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IOException("writing to standard error failed", e);
      }
    }

    /** {@code ssize_t write(int fd, const void *buf, size_t count)}, looked up at the first use. */
    @SuppressWarnings("restricted")
    private MethodHandle function() {
      if (write == null) {
        Linker linker = Linker.nativeLinker();
        write =
            linker.downcallHandle(
                linker.defaultLookup().findOrThrow("write"),
                FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG));
      }
      return write;
    }
  }
}
