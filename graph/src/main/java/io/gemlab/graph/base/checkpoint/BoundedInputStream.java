package io.gemlab.graph.base.checkpoint;

import java.io.IOException;
import java.io.InputStream;

/** The next bytes of a stream, which stays open: it belongs to its file's channel. */
final class BoundedInputStream extends InputStream {
  private final InputStream stream;
  private long left;

  BoundedInputStream(InputStream stream, long bytes) {
    this.stream = stream;
    this.left = bytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    if (left == 0) return -1;
    int read = stream.read(target, from, (int) Math.min(length, left));
    if (read > 0) left -= read;
    return read;
  }
}
