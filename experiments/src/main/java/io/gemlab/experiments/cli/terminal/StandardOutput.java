package io.gemlab.experiments.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/**
 * The user's standard output. It remembers why it could not be written, as on a full disk, which
 * writers that print would keep to themselves.
 */
public final class StandardOutput extends OutputStream {
  private static final String READ_ENOUGH = "Broken pipe";

  private final OutputStream out = new FileOutputStream(FileDescriptor.out);
  private Optional<String> failure = Optional.empty();

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
      throw e;
    }
  }

  /**
   * Why something is missing in what was written; empty where nothing is, or where whoever reads
   * had enough, as {@code head} does.
   */
  public synchronized Optional<String> failure() {
    return failure.filter(reason -> !reason.equals(READ_ENOUGH));
  }
}
