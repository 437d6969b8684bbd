package io.gemlab.experiments.run;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One process a folder of records. It is the operating system's lock of a file, which ends with the
 * process however that ends; the file stays and says who has the lock.
 */
public final class FolderLock implements AutoCloseable {
  /** The file's name; a folder that holds nothing else is empty. */
  public static final String FILE = ".lock";

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes a folder, made where it is missing.
   *
   * @throws InvalidInput if another process has it, or there are no locks where it is
   */
  public static FolderLock take(Path folder) throws IOException {
    Path file = Files.createDirectories(folder).resolve(FILE);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) throw inUse(folder, Files.readString(file).strip());
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(owner().getBytes(StandardCharsets.UTF_8)), 0);
      return new FolderLock(channel);
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw inUse(folder, owner().strip());
    } catch (IOException e) {
      channel.close();
      throw new InvalidInput(
          "%s can't be locked (%s); name a folder on a disk that has file locks"
              .formatted(folder, e.getMessage()),
          e);
    } catch (InvalidInput e) {
      channel.close();
      throw e;
    }
  }

  private static InvalidInput inUse(Path folder, String owner) {
    return new InvalidInput(
        "%s is in use by %s; wait until it is done, or name another folder"
            .formatted(folder, owner.isEmpty() ? "another process" : owner));
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
    channel.truncate(0);
    channel.close();
  }
}
