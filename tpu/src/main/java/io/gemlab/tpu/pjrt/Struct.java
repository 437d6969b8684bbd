package io.gemlab.tpu.pjrt;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A C struct in native memory, its fields read and written by name. */
final class Struct {
  private final StructType type;
  private final MemorySegment memory;

  Struct(StructType type, MemorySegment memory) {
    this.type = type;
    this.memory = memory;
  }

  MemorySegment memory() {
    return memory;
  }

  Struct set(String field, MemorySegment value) {
    memory.set(ValueLayout.ADDRESS, offset(field, StructType.Kind.POINTER), value);
    return this;
  }

  Struct set(String field, long value) {
    memory.set(ValueLayout.JAVA_LONG, offset(field, StructType.Kind.LONG), value);
    return this;
  }

  Struct set(String field, int value) {
    memory.set(ValueLayout.JAVA_INT, offset(field, StructType.Kind.INT), value);
    return this;
  }

  MemorySegment getPointer(String field) {
    return memory.get(ValueLayout.ADDRESS, offset(field, StructType.Kind.POINTER));
  }

  long getLong(String field) {
    return memory.get(ValueLayout.JAVA_LONG, offset(field, StructType.Kind.LONG));
  }

  int getInt(String field) {
    return memory.get(ValueLayout.JAVA_INT, offset(field, StructType.Kind.INT));
  }

  boolean getBoolean(String field) {
    return memory.get(ValueLayout.JAVA_BOOLEAN, offset(field, StructType.Kind.BOOL));
  }

  private long offset(String field, StructType.Kind kind) {
    StructType.Place place = type.places().get(field);
    if (place == null || place.kind() != kind) {
      throw new IllegalArgumentException(
          "no field " + field + " of kind " + kind + " among " + type.places());
    }
    return place.offset();
  }
}
