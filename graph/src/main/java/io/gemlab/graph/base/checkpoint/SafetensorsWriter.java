package io.gemlab.graph.base.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Writes safetensors files, byte for byte as Hugging Face's own writer lays them out: widest type
 * first, then by name, the header padded so that the data is aligned to 8 bytes.
 *
 * <p>Elements stream through a few buffers of some MiB, which are written while the next is filled,
 * so a tensor may be larger than memory. One that lies in pieces is written piece by piece, each to
 * its places in the file, and one piece is open at a time. A file appears under its name only when
 * it is whole: it is written beside and renamed.
 */
public final class SafetensorsWriter {
  private static final int ELEMENTS_AT_ONCE = 1 << 20;
  private static final int DATA_ALIGNMENT = 8;
  private static final JsonMapper JSON = new JsonMapper();

  private SafetensorsWriter() {}

  /**
   * Writes {@code tensors} to {@code file}, in place of what may be there.
   *
   * @param metadata the file's {@code __metadata__}; none is written if it is empty
   * @throws IllegalArgumentException if two tensors share a name
   * @throws UncheckedIOException if the disk fails or is full; nothing is left behind
   */
  public static void write(Path file, List<TensorToWrite> tensors, Map<String, String> metadata) {
    writeAll(file, tensors, metadata, _ -> {});
  }

  /**
   * The same of tensors that are read in order, none in pieces and none twice.
   *
   * @param seen is shown all that is written, in order, on the thread that writes
   * @throws IllegalArgumentException if two tensors share a name or elements, or one has pieces
   */
  public static void write(
      Path file,
      List<TensorToWrite> tensors,
      Map<String, String> metadata,
      Consumer<ByteBuffer> seen) {
    long sources =
        tensors.stream()
            .flatMap(tensor -> tensor.parts().stream())
            .map(TensorToWrite.Part::source)
            .distinct()
            .count();
    boolean whole = tensors.stream().allMatch(tensor -> tensor.parts().size() == 1);
    if (!whole || sources < tensors.size()) {
      throw new IllegalArgumentException("tensors in pieces are not written in order: " + file);
    }
    writeAll(file, tensors, metadata, seen);
  }

  private static void writeAll(
      Path file,
      List<TensorToWrite> tensors,
      Map<String, String> metadata,
      Consumer<ByteBuffer> seen) {
    List<TensorToWrite> ordered = new ArrayList<>(tensors);
    ordered.sort(
        Comparator.comparing(TensorToWrite::type).reversed().thenComparing(TensorToWrite::name));
    try {
      WholeFile.write(
          file,
          channel -> {
            byte[] header = header(ordered.stream().map(TensorToWrite::spec).toList(), metadata);
            long buffer = Math.max(header.length, largestPiece(ordered));
            try (WriteBehind output = new WriteBehind(channel, seen, buffer)) {
              MemorySegment begin = output.buffer();
              begin.copyFrom(MemorySegment.ofArray(header));
              output.write(begin, header.length, 0);
              writeData(output, header.length, ordered);
              output.finish();
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("Writing " + file, e);
    }
  }

  /**
   * What stands before the data of a file: for one that is written otherwise than here.
   *
   * @param tensors in the order of their data
   * @throws IllegalArgumentException if two tensors share a name
   */
  public static byte[] header(List<TensorSpec> tensors, Map<String, String> metadata) {
    ObjectNode header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = header.putObject(SafetensorsHeader.METADATA);
      metadata.forEach(node::put);
    }
    Set<String> names = new HashSet<>();
    long begin = 0;
    for (TensorSpec tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException("Two tensors are called " + tensor.name());
      }
      long end = Math.addExact(begin, tensor.bytes());
      ObjectNode node = header.putObject(tensor.name()).put("dtype", tensor.type().name());
      tensor.shape().dimensions().forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(begin).add(end);
      begin = end;
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    int padded = Math.ceilDiv(json.length, DATA_ALIGNMENT) * DATA_ALIGNMENT;
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(padded).put(json);
    while (bytes.hasRemaining()) bytes.put((byte) ' ');
    return bytes.array();
  }

  /** The bytes that are written at once at most. */
  private static long largestPiece(List<TensorToWrite> tensors) {
    return tensors.stream()
        .mapToLong(
            tensor ->
                Math.min(tensor.byteSize(), (long) ELEMENTS_AT_ONCE * tensor.type().byteSize()))
        .max()
        .orElse(0);
  }

  /**
   * @param data where the first tensor begins
   */
  private static void writeData(WriteBehind output, long data, List<TensorToWrite> tensors)
      throws IOException {
    Map<TensorToWrite.Source, List<Placed>> bySource = new LinkedHashMap<>();
    long begin = data;
    for (TensorToWrite tensor : tensors) {
      for (TensorToWrite.Part part : tensor.parts()) {
        bySource
            .computeIfAbsent(part.source(), _ -> new ArrayList<>())
            .add(new Placed(part, tensor.type().byteSize(), begin));
      }
      begin += tensor.byteSize();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment scratch = arena.allocate((long) ELEMENTS_AT_ONCE * Float.BYTES);
      for (Map.Entry<TensorToWrite.Source, List<Placed>> source : bySource.entrySet()) {
        try (TensorToWrite.Elements elements = source.getKey().open()) {
          for (Placed placed : source.getValue()) placed.write(output, elements, scratch);
        }
      }
    }
  }

  /**
   * A part of a tensor in the file.
   *
   * @param bytesEach of an element
   * @param begin where the tensor begins
   */
  private record Placed(TensorToWrite.Part part, int bytesEach, long begin) {
    void write(WriteBehind output, TensorToWrite.Elements elements, MemorySegment scratch)
        throws IOException {
      part.place()
          .runs(
              (inWhole, inPart, length) -> {
                for (long done = 0; done < length; done += ELEMENTS_AT_ONCE) {
                  long count = Math.min(ELEMENTS_AT_ONCE, length - done);
                  MemorySegment buffer = output.buffer();
                  elements.read(
                      part.first() + inPart + done,
                      buffer.asSlice(0, count * bytesEach),
                      scratch.asSlice(0, count * Float.BYTES));
                  output.write(buffer, count * bytesEach, begin + (inWhole + done) * bytesEach);
                }
              });
    }
  }
}
