package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Programs as {@code PJRT_Program} carries them: a format and its bytes. */
public final class Programs {
  private static final String HLO = "hlo";
  private static final String HLO_WITH_CONFIG = "hlo_with_config";

  /** Of HloModuleProtoWithConfig. */
  private static final int MODULE_FIELD = 1;

  /** Of HloModuleProto, as the next one. */
  private static final int COMPUTATIONS_FIELD = 3;

  private static final int SHAPE_FIELD = 4;

  private Programs() {}

  /** A serialized HloModuleProto. */
  static Struct write(byte[] hlo, Arena arena) {
    return PjrtApi.allocate(PjrtLayout.PROGRAM, arena)
        .set("code", arena.allocateFrom(JAVA_BYTE, hlo))
        .set("code_size", (long) hlo.length)
        .set("format", arena.allocateFrom(HLO))
        .set("format_size", (long) HLO.length());
  }

  /**
   * Tells what is plainly no program before a compiler sees it.
   *
   * @throws InvalidInput if these bytes are no HloModuleProto
   */
  public static void requireModule(byte[] bytes) {
    boolean computations = false;
    boolean shape = false;
    try {
      CodedInputStream input = CodedInputStream.newInstance(bytes);
      for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
        computations |= WireFormat.getTagFieldNumber(tag) == COMPUTATIONS_FIELD;
        shape |= WireFormat.getTagFieldNumber(tag) == SHAPE_FIELD;
        input.skipField(tag);
      }
    } catch (IOException e) {
      throw notModule(bytes, e);
    }
    if (!computations || !shape) throw notModule(bytes, null);
  }

  private static InvalidInput notModule(byte[] bytes, Throwable cause) {
    return new InvalidInput(
        "the program, %d bytes, is no serialized HloModuleProto: export it again"
            .formatted(bytes.length),
        cause);
  }

  /** The serialized HloModuleProto in a program that a plugin has written. */
  static byte[] module(Struct program, MemorySegment code) {
    String format = NativeCalls.text(program.getPointer("format"), program.getLong("format_size"));
    byte[] bytes = code.toArray(JAVA_BYTE);
    return switch (format) {
      case HLO -> bytes;
      case HLO_WITH_CONFIG -> field(bytes, MODULE_FIELD);
      default -> throw new IllegalStateException("an optimized program in format " + format);
    };
  }

  private static byte[] field(byte[] message, int number) {
    try {
      CodedInputStream input = CodedInputStream.newInstance(message);
      for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
        if (WireFormat.getTagFieldNumber(tag) == number) return input.readByteArray();
        input.skipField(tag);
      }
    } catch (IOException e) {
      throw new IllegalStateException("an optimized program that is no protobuf", e);
    }
    throw new IllegalStateException("an optimized program without field " + number);
  }
}
