package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Arrays of {@code PJRT_NamedValue}. */
final class NamedValues {
  private static final int TEXT = 0;
  private static final int WHOLE = 1;
  private static final int WHOLES = 2;
  private static final int REAL = 3;
  private static final int FLAG = 4;

  private NamedValues() {}

  /** The values in native memory, one after the other; null where there are none. */
  static MemorySegment write(List<NamedValue> values, Arena arena) {
    long size = PjrtLayout.NAMED_VALUE.size();
    MemorySegment array = arena.allocate(values.size() * size, 8);
    for (int i = 0; i < values.size(); i++) {
      NamedValue value = values.get(i);
      byte[] name = value.name().getBytes(StandardCharsets.UTF_8);
      Struct struct =
          new Struct(PjrtLayout.NAMED_VALUE, array.asSlice(i * size, size))
              .set("struct_size", size)
              .set("name", arena.allocateFrom(JAVA_BYTE, name))
              .set("name_size", (long) name.length);
      switch (value) {
        case NamedValue.Text text -> {
          byte[] bytes = text.value().getBytes(StandardCharsets.UTF_8);
          fill(struct, TEXT, arena.allocateFrom(JAVA_BYTE, bytes).address(), bytes.length);
        }
        case NamedValue.Whole whole -> fill(struct, WHOLE, whole.value(), 1);
        case NamedValue.Wholes wholes -> {
          long[] elements = wholes.value().stream().mapToLong(Long::longValue).toArray();
          long address = arena.allocateFrom(JAVA_LONG, elements).address();
          fill(struct, WHOLES, address, elements.length);
        }
        case NamedValue.Real real -> fill(struct, REAL, Float.floatToRawIntBits(real.value()), 1);
        case NamedValue.Flag flag -> fill(struct, FLAG, flag.value() ? 1 : 0, 1);
      }
    }
    return array;
  }

  private static void fill(Struct struct, int type, long value, long size) {
    struct.set("type", type).set("value", value).set("value_size", size);
  }

  static List<NamedValue> read(MemorySegment array, long count) {
    List<NamedValue> values = new ArrayList<>();
    MemorySegment at = array;
    for (long i = 0; i < count; i++) {
      Struct struct = PjrtLayout.NAMED_VALUE.at(at);
      values.add(read(struct));
      // A newer plugin's may be longer than the layout here.
      long stride = Math.max(struct.getLong("struct_size"), PjrtLayout.NAMED_VALUE.size());
      at = MemorySegment.ofAddress(at.address() + stride);
    }
    return values;
  }

  private static NamedValue read(Struct struct) {
    String name = NativeCalls.text(struct.getPointer("name"), struct.getLong("name_size"));
    long value = struct.getLong("value");
    long size = struct.getLong("value_size");
    MemorySegment pointer = MemorySegment.ofAddress(value);
    return switch (struct.getInt("type")) {
      case TEXT -> new NamedValue.Text(name, NativeCalls.text(pointer, size));
      case WHOLE -> new NamedValue.Whole(name, value);
      case WHOLES -> {
        long[] elements = NativeCalls.view(pointer, size * Long.BYTES).toArray(JAVA_LONG);
        yield new NamedValue.Wholes(name, LongStream.of(elements).boxed().toList());
      }
      case REAL -> new NamedValue.Real(name, Float.intBitsToFloat((int) value));
      case FLAG -> new NamedValue.Flag(name, (byte) value != 0);
      default ->
          throw new IllegalStateException(
              "value " + name + " has type " + struct.getInt("type") + ", which PJRT 0.90 lacks");
    };
  }
}
