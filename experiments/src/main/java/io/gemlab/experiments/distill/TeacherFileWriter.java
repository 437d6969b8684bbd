package io.gemlab.experiments.distill;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.base.checkpoint.SafetensorsWriter;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a {@link TeacherFile} row after row to {@code FILE.partial}, which is renamed when it is
 * whole. What a process leaves that was killed holds whole rows and perhaps a part of one, and the
 * next goes on behind the last whole one.
 */
public final class TeacherFileWriter implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path file;
  private final TeacherHeader header;
  private final FileChannel channel;
  private final TopKRecord layout;
  private int rows;

  private TeacherFileWriter(Path file, TeacherHeader header, FileChannel channel, int rows) {
    this.file = file;
    this.header = header;
    this.channel = channel;
    this.layout = header.record();
    this.rows = rows;
  }

  /** Where it is while it is not whole. */
  public static Path partial(Path file) {
    return file.resolveSibling(file.getFileName() + ".partial");
  }

  /**
   * Checks, and changes nothing, that a file may be begun, or gone on with.
   *
   * @throws InvalidInput if it is whole already, or there is a part and {@code resume} is not said,
   *     or none and it is
   */
  public static void requireUsable(Path file, boolean resume) {
    if (Files.exists(file)) {
      throw new InvalidInput(file + " is whole; delete it, or name another");
    }
    if (Files.exists(partial(file)) == resume) return;
    throw new InvalidInput(
        resume
            ? partial(file) + " is not there: nothing to resume; leave out --resume"
            : partial(file) + " is there: give --resume to go on with it, or delete it");
  }

  /**
   * Opens it.
   *
   * @param header what it will be of
   * @param resume whether to go on with what is there
   * @throws InvalidInput as {@link #requireUsable}, or if what is there is of something else, or
   *     another process writes it
   */
  public static TeacherFileWriter open(Path file, TeacherHeader header, boolean resume)
      throws IOException {
    requireUsable(file, resume);
    ByteBuffer expected =
        ByteBuffer.wrap(SafetensorsWriter.header(List.of(header.records()), header.metadata()));
    FileChannel channel =
        FileChannel.open(
            partial(file),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    boolean ready = false;
    try {
      lock(partial(file), channel);
      int rows = 0;
      if (channel.size() < expected.remaining()) {
        channel.truncate(0);
        while (expected.hasRemaining()) channel.write(expected);
      } else {
        requireSame(partial(file), channel, expected);
        long row = (long) header.length() * header.record().bytes();
        rows = (int) ((channel.size() - expected.limit()) / row);
        channel.truncate(expected.limit() + rows * row);
        channel.position(channel.size());
      }
      ready = true;
      return new TeacherFileWriter(file, header, channel, rows);
    } finally {
      if (!ready) channel.close();
    }
  }

  private static void lock(Path partial, FileChannel channel) throws IOException {
    try {
      if (channel.tryLock() != null) return;
    } catch (OverlappingFileLockException e) {
      // This process has it.
    }
    throw new InvalidInput(partial + " is being written by another; wait for it");
  }

  private static void requireSame(Path partial, FileChannel channel, ByteBuffer expected)
      throws IOException {
    ByteBuffer found = ByteBuffer.allocate(expected.remaining());
    while (found.hasRemaining() && channel.read(found, found.position()) >= 0) {}
    if (found.flip().equals(expected)) return;
    String difference =
        difference(json(found), json(expected)).orElse("its header is another's, or damaged");
    throw new InvalidInput(
        "%s was begun otherwise: %s; give what it was begun with, or delete it"
            .formatted(partial, difference));
  }

  /** What a header says besides where the data is; empty where it can't be read. */
  private static JsonNode json(ByteBuffer header) {
    try {
      String text =
          StandardCharsets.UTF_8
              .decode(header.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(Long.BYTES))
              .toString();
      return JSON.readTree(text).path("__metadata__");
    } catch (JsonProcessingException e) {
      return JSON.createObjectNode();
    }
  }

  private static Optional<String> difference(JsonNode found, JsonNode expected) {
    for (Map.Entry<String, JsonNode> entry : expected.properties()) {
      String was = found.path(entry.getKey()).asText();
      if (!found.isEmpty() && !was.equals(entry.getValue().asText())) {
        return Optional.of(
            "%s was %s and is %s now"
                .formatted(
                    entry.getKey(),
                    InvalidInput.shown(was),
                    InvalidInput.shown(entry.getValue().asText())));
      }
    }
    return Optional.empty();
  }

  /** Whole rows that are there. */
  public int rows() {
    return rows;
  }

  /**
   * What rounding and leaving out made of rows, summed over positions.
   *
   * @param positions how many
   * @param rest the mass of the tokens that are left out
   * @param rounding KL from what the teacher said to what will be read, in nats
   */
  public record Loss(long positions, double rest, double rounding) {
    /** Of no position. */
    public static final Loss NONE = new Loss(0, 0, 0);

    public Loss plus(Loss other) {
      return new Loss(positions + other.positions, rest + other.rest, rounding + other.rounding);
    }
  }

  /**
   * Adds rows.
   *
   * @param count how many of those that are given, from the first
   * @param ids [B, T, K], row by row
   * @param logP their log-probabilities
   * @param rest [B, T]
   */
  public Loss add(int count, int[] ids, float[] logP, float[] rest) throws IOException {
    int positions = count * header.length();
    ByteBuffer bytes =
        ByteBuffer.allocate(positions * layout.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    double left = 0;
    double rounding = 0;
    for (int m = 0; m < positions; m++) {
      layout.write(bytes, ids, logP, m * layout.topK(), rest[m]);
      left += rest[m];
      rounding += layout.rounding(logP, m * layout.topK(), rest[m]);
    }
    bytes.flip();
    while (bytes.hasRemaining()) channel.write(bytes);
    rows += count;
    return new Loss(positions, left, rounding);
  }

  /** Makes the file of it; all rows are there. */
  public void finish() throws IOException {
    if (rows != header.rows()) {
      throw new IllegalStateException("%d of %d rows".formatted(rows, header.rows()));
    }
    channel.force(true);
    Files.move(partial(file), file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
