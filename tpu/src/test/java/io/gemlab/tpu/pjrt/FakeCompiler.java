package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A plugin that compiles for {@code v5e:1x1}, of one device with number 0. A compiled program is
 * the program itself; its outputs are float32 [2, 3], int32 [5] and a bfloat16 scalar.
 */
public final class FakeCompiler extends FakePlugin {
  static final String VERSION = "fake compiler 1";
  static final NamedValue OPTION = new NamedValue.Wholes("chips_per_host_bounds", List.of(1L, 1L));

  /** The last compilation's options, as they came. */
  byte[] options;

  /** As the plugin says it of its optimized programs. */
  String format = "hlo_with_config";

  /** How many serialized programs were not freed. */
  int serialized;

  private record Topology() {}

  private record Executable(byte[] program) {}

  FakeCompiler() {
    on(
        Function.TOPOLOGY_CREATE,
        a -> {
          String name = NativeCalls.text(a.getPointer("name"), a.getLong("name_size"));
          if (!name.equals("v5e:1x1")) throw new Failure(PjrtError.Code.NOT_FOUND, "what is this");
          a.set("topology", handle(new Topology()));
        });
    on(Function.TOPOLOGY_DESTROY, this::destroy);
    on(Function.TOPOLOGY_PLATFORM_NAME, a -> text(a, "tpu".getBytes(StandardCharsets.UTF_8)));
    on(Function.TOPOLOGY_PLATFORM_VERSION, a -> text(a, VERSION.getBytes(StandardCharsets.UTF_8)));
    on(
        Function.TOPOLOGY_GET_DEVICE_DESCRIPTIONS,
        a -> {
          MemorySegment devices = arena.allocate(ADDRESS);
          devices.set(ADDRESS, 0, arena.allocate(8));
          a.set("elements", devices).set("count", 1L);
        });
    on(Function.DEVICE_DESCRIPTION_ID, a -> a.set("value", 0));
    on(Function.DEVICE_DESCRIPTION_KIND, a -> text(a, new byte[] {'v', '5', 'e'}));
    on(Function.DEVICE_DESCRIPTION_DEBUG_STRING, a -> text(a, new byte[0]));
    on(Function.DEVICE_DESCRIPTION_ATTRIBUTES, a -> a.set("count", 0L));
    on(Function.COMPILE, this::compile);
    executables();
  }

  private void compile(Struct arguments) {
    object(arguments, "topology", Topology.class);
    options = bytes(arguments.getPointer("compile_options"), arguments, "compile_options_size");
    Struct program = PjrtLayout.PROGRAM.at(arguments.getPointer("program"));
    byte[] code = bytes(program.getPointer("code"), program, "code_size");
    arguments.set("executable", handle(new Executable(code)));
  }

  private void executables() {
    on(Function.EXECUTABLE_DESTROY, this::destroy);
    on(
        Function.EXECUTABLE_OPTIMIZED_PROGRAM,
        a -> {
          byte[] module = object(a, "handle", Executable.class).program;
          byte[] written =
              format.equals("hlo") ? module : field(1, module, field(2, new byte[9], new byte[0]));
          Struct program = PjrtLayout.PROGRAM.at(a.getPointer("value"));
          byte[] name = format.getBytes(StandardCharsets.UTF_8);
          program
              .set("format", arena.allocateFrom(JAVA_BYTE, name))
              .set("format_size", (long) name.length);
          if (NativeCalls.isNull(program.getPointer("code"))) {
            program.set("code_size", (long) written.length);
          } else {
            NativeCalls.view(program.getPointer("code"), program.getLong("code_size"))
                .copyFrom(MemorySegment.ofArray(written));
          }
        });
    on(
        Function.EXECUTABLE_GET_COMPILED_MEMORY_STATS,
        a ->
            a.set("generated_code", 1L)
                .set("argument", 2L)
                .set("output", 3L)
                .set("alias", 4L)
                .set("temp", 5L)
                .set("host_temp", 6L)
                .set("peak", 7L)
                .set("total", 8L));
    on(
        Function.EXECUTABLE_GET_COST_ANALYSIS,
        a -> {
          List<NamedValue> costs =
              List.of(
                  new NamedValue.Real("flops", 1056),
                  new NamedValue.Whole("steps", 3),
                  new NamedValue.Text("note", "no quantity"));
          a.set("elements", NamedValues.write(costs, arena)).set("count", 3L);
        });
    on(Function.EXECUTABLE_FINGERPRINT, a -> text(a, new byte[] {0x0a, (byte) 0xff}));
    on(
        Function.EXECUTABLE_OUTPUT_ELEMENT_TYPES,
        a -> a.set("elements", arena.allocateFrom(JAVA_INT, 11, 4, 13)).set("count", 3L));
    on(
        Function.EXECUTABLE_OUTPUT_DIMENSIONS,
        a ->
            a.set("dims", arena.allocateFrom(JAVA_LONG, 2, 3, 5))
                .set("dim_sizes", arena.allocateFrom(JAVA_LONG, 2, 1, 0))
                .set("count", 3L));
    on(
        Function.EXECUTABLE_SERIALIZE,
        a -> {
          serialized++;
          a.set("bytes", arena.allocateFrom(JAVA_BYTE, (byte) 1, (byte) 2))
              .set("size", 2L)
              .set("deleter", deleter());
        });
  }

  @SuppressWarnings("restricted")
  private MemorySegment deleter() {
    try {
      return Linker.nativeLinker()
          .upcallStub(
              MethodHandles.lookup()
                  .bind(this, "free", MethodType.methodType(void.class, MemorySegment.class)),
              FunctionDescriptor.ofVoid(ADDRESS),
              arena);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no method", e);
    }
  }

  /** Reached from native code. */
  void free(MemorySegment backing) {
    serialized--;
  }

  /** A protobuf message of bytes in a field, after other fields. */
  private static byte[] field(int number, byte[] value, byte[] before) {
    UnknownFieldSet.Field field =
        UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.copyFrom(value)).build();
    byte[] message = UnknownFieldSet.newBuilder().addField(number, field).build().toByteArray();
    return ByteBuffer.allocate(before.length + message.length).put(before).put(message).array();
  }

  private static byte[] bytes(MemorySegment pointer, Struct struct, String size) {
    return NativeCalls.view(pointer, struct.getLong(size)).toArray(JAVA_BYTE);
  }
}
