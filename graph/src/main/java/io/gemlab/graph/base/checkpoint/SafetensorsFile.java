package io.gemlab.graph.base.checkpoint;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import io.gemlab.graph.base.input.GitLfs;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file, open for reading.
 *
 * <p>Opening reads the header only. The first {@link #segment} maps the file, which reserves
 * addresses and no memory: a page is read when it is touched, and the operating system may drop it
 * again. So a file larger than the machine's memory opens at once.
 *
 * <p>Safe for use by several threads. A segment is valid until {@link #close}. While the file is
 * mapped no other process may shorten it: touching a page past the new end makes the JVM throw
 * {@link InternalError}, which nothing can turn into a value.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class SafetensorsFile implements AutoCloseable {
  /** The bound of Hugging Face's own reader (tensor.rs, MAX_HEADER_SIZE). */
  private static final long LARGEST_HEADER = 100_000_000;

  private static final int LENGTH_BYTES = Long.BYTES;

  private final Path path;
  private final FileChannel channel;
  private final long size;
  private final SafetensorsHeader header;
  private final Arena arena = Arena.ofShared();
  private MemorySegment mapping;

  private SafetensorsFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    this.size = channel.size();
    this.header = readHeader();
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws InvalidInput if it can't be read or is not a well-formed safetensors file, before
   *     memory is set aside for what it claims to hold
   */
  public static SafetensorsFile open(Path path) {
    GitLfs.requireContent(path);
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      SafetensorsFile file = new SafetensorsFile(path, channel);
      channel = null;
      return file;
    } catch (IOException e) {
      throw InvalidInput.unreadable(path, e);
    } finally {
      closeQuietly(channel);
    }
  }

  public Path path() {
    return path;
  }

  /** Every tensor by its name, in the order of the data. */
  public Map<String, TensorInfo> tensors() {
    return header.tensors();
  }

  /** The file's {@code __metadata__}; empty where it has none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /**
   * @throws InvalidInput if the file has no tensor of that name
   */
  public TensorInfo tensor(String name) {
    TensorInfo tensor = header.tensors().get(name);
    if (tensor != null) return tensor;
    List<String> first = header.tensors().keySet().stream().limit(3).toList();
    throw new InvalidInput(
        "%s has no tensor %s; it has %d, beginning with %s"
            .formatted(path, shown(name), header.tensors().size(), first));
  }

  /**
   * The bytes of a tensor as they lie in the file: read-only, little-endian, and aligned only as
   * the file's writer cared to.
   *
   * @throws InvalidInput if the file has no tensor of that name
   */
  public MemorySegment segment(String name) {
    TensorInfo tensor = tensor(name);
    return mapping().asSlice(tensor.offset(), tensor.byteSize());
  }

  /**
   * Copies a tensor's values as float32.
   *
   * @param target 4 bytes an element: float32, little-endian
   * @throws InvalidInput if there is no such tensor, or it doesn't hold floating-point numbers
   */
  public void readFloat32(String name, MemorySegment target) {
    FloatConversion.toFloat32(floatingPoint(name).type(), segment(name), target);
  }

  /**
   * A tensor's values as float32.
   *
   * @throws InvalidInput if there is no such tensor, or it doesn't hold floating-point numbers
   */
  public Float32Tensor float32(String name) {
    return Float32Tensor.of(floatingPoint(name).type(), segment(name));
  }

  private TensorInfo floatingPoint(String name) {
    TensorInfo tensor = tensor(name);
    if (FloatConversion.READ.contains(tensor.type())) return tensor;
    throw new InvalidInput(
        "%s: tensor %s holds %s; weights are read from %s"
            .formatted(path, shown(name), tensor.type(), FloatConversion.READ));
  }

  /** Unmaps the file: its segments can't be used any more. */
  @Override
  public synchronized void close() {
    if (!arena.scope().isAlive()) return;
    arena.close();
    closeQuietly(channel);
  }

  private synchronized MemorySegment mapping() {
    if (!arena.scope().isAlive()) throw new IllegalStateException(path + " is closed");
    if (mapping != null) return mapping;
    try {
      if (channel.size() != size) {
        throw new InvalidInput(
            "%s had %d bytes when it was opened and has %d now: let its writer finish, then rerun"
                .formatted(path, size, channel.size()));
      }
      mapping = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      closeQuietly(channel);
      return mapping;
    } catch (IOException e) {
      throw new UncheckedIOException("Mapping " + path, e);
    }
  }

  private SafetensorsHeader readHeader() throws IOException {
    if (size < LENGTH_BYTES + 2) {
      throw new InvalidInput(
          path + " has " + size + " bytes, too few for safetensors: fetch or write it again");
    }
    InputStream stream = Channels.newInputStream(channel);
    long length = Long.reverseBytes(new DataInputStream(stream).readLong());
    long largest = Math.min(LARGEST_HEADER, size - LENGTH_BYTES);
    if (length < 2 || length > largest) {
      throw new InvalidInput(
          "%s says its header has %s bytes, but 2 to %d are possible: not safetensors, or damaged"
              .formatted(path, Long.toUnsignedString(length), largest));
    }
    InputStream bytes = new BoundedInputStream(stream, length);
    var decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    long dataStart = LENGTH_BYTES + length;
    return SafetensorsHeader.parse(
        path, new InputStreamReader(bytes, decoder), dataStart, size - dataStart);
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel == null) return;
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing was written, so nothing can be lost.
    }
  }
}
