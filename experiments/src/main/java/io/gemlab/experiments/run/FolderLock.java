package io.gemlab.experiments.run;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One process a folder of records. It is the operating system's lock of a file, which ends with the
 * process however that ends; the file stays and says who has the lock.
 */
public final class FolderLock implements AutoCloseable {
  /** The file's name; a folder that holds nothing else is empty. */
  public static final String FILE = ".lock";

  /**
   * Those that this process has. Asked first, since to close a file that one has locked ends the
   * lock, through whichever channel it was taken.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private FolderLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes a folder, made where it is missing.
   *
   * @throws InvalidInput if another process has it, or this one for something else, or there are no
   *     locks where it is
   */
  public static FolderLock take(Path folder) throws IOException {
    Path file = Files.createDirectories(folder).toRealPath().resolve(FILE);
    if (!HELD.add(file)) throw inUse(folder, owner());
    FolderLock taken = null;
    try {
      taken = take(folder, file);
    } finally {
      if (taken == null) HELD.remove(file);
    }
    return taken;
  }

  private static FolderLock take(Path folder, Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(owner().getBytes(StandardCharsets.UTF_8)));
        return new FolderLock(file, channel);
      }
    } catch (IOException e) {
      channel.close();
      throw new InvalidInput(
          "%s can't be locked (%s); name a folder on a disk that has file locks"
              .formatted(folder, e.getMessage()),
          e);
    }
    channel.close();
    throw inUse(folder, Files.readString(file));
  }

  private static InvalidInput inUse(Path folder, String owner) {
    return new InvalidInput(
        "%s is in use by %s; wait until it is done, or name another folder"
            .formatted(folder, owner.isBlank() ? "another process" : owner.strip()));
  }

  private static String owner() {
    return "process %d on %s%n".formatted(ProcessHandle.current().pid(), host());
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "a host without a name";
    }
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      channel.truncate(0);
    } finally {
      HELD.remove(file);
    }
  }
}
