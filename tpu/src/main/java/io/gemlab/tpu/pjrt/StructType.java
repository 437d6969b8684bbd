package io.gemlab.tpu.pjrt;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The shape of a C struct on a 64-bit machine: its fields in the order of the declaration, each at
 * the next offset that is a multiple of its width.
 */
final class StructType {
  /** A type of C's, by its width. */
  enum Kind {
    POINTER(8),
    /** {@code size_t}, {@code int64_t} or a union of 8 bytes. */
    LONG(8),
    /** {@code int} or an enum. */
    INT(4),
    BOOL(1);

    final int bytes;

    Kind(int bytes) {
      this.bytes = bytes;
    }
  }

  /** A field as it is declared. */
  record Field(String name, Kind kind) {}

  /** A field where it lies. */
  record Place(long offset, Kind kind) {}

  private final Map<String, Place> places = new LinkedHashMap<>();
  private final long size;

  /**
   * @param size bytes up to the end of the last field, without padding after it: PJRT's {@code
   *     struct_size}
   * @throws IllegalStateException if the fields don't end at {@code size}
   */
  StructType(long size, Field... fields) {
    this.size = size;
    long offset = 0;
    for (Field field : fields) {
      int width = field.kind.bytes;
      offset = (offset + width - 1) / width * width;
      places.put(field.name, new Place(offset, field.kind));
      offset += width;
    }
    if (offset != size) {
      throw new IllegalStateException(
          "the fields " + places.keySet() + " end at " + offset + " and not at " + size);
    }
  }

  long size() {
    return size;
  }

  /** The fields in order, with their offsets. */
  Map<String, Place> places() {
    return places;
  }

  /** Zeroes. */
  Struct allocate(Arena arena) {
    return new Struct(this, arena.allocate(size, 8));
  }

  /** A struct that lies at {@code pointer}. */
  Struct at(MemorySegment pointer) {
    return new Struct(this, NativeCalls.view(pointer, size));
  }
}
