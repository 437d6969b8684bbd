package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A plugin with two devices that know three programs of float32 vectors: {@code add} (a, b) -> a +
 * b, with a aliased to the output; {@code fail}, which can't be started; and {@code late}, which
 * fails while it runs.
 *
 * <p>A client that is told of several hosts meets theirs through the callbacks that it is given, as
 * XLA's do: each puts what it has and gets what the others have. Host n has the devices 2 n and 2 n
 * + 1.
 *
 * <p>Transfers and runs happen when somebody waits for them, never earlier: a binding that doesn't
 * wait, or that lets go of memory before, is found out.
 */
public final class FakeDevices extends FakePlugin {
  public static final int NUM_DEVICES = 2;

  private static final int MILLIS_TO_MEET = 30_000;

  /** The options that the client was made with. */
  final List<NamedValue> clientOptions = new ArrayList<>();

  /** The callbacks that it was made with. */
  FakeKeyValues keyValues;

  private record Client() {}

  private record Executable(String program) {}

  private record LoadedExecutable(String program) {}

  private record Event(Runnable work, boolean[] ready) {
    void await() {
      if (ready[0]) return;
      ready[0] = true;
      work.run();
    }
  }

  private static final class Buffer {
    final int type;
    final long[] shape;
    byte[] data;
    Event work = new Event(() -> {}, new boolean[] {true});
    boolean deleted;

    Buffer(int type, long[] shape) {
      this.type = type;
      this.shape = shape;
    }

    byte[] computed() {
      work.await();
      return data;
    }

    Buffer alive() {
      if (deleted) throw new Failure(PjrtError.Code.INVALID_ARGUMENT, "the buffer was donated");
      return this;
    }
  }

  private final List<MemorySegment> devices;

  /** Those of all hosts, at the places that are their ids. */
  private List<MemorySegment> everyDevice;

  public FakeDevices() {
    devices = IntStream.range(0, NUM_DEVICES).mapToObj(_ -> arena.allocate(8)).toList();
    everyDevice = devices;
    client();
    programs();
    buffers();
    on(Function.EVENT_DESTROY, this::destroy);
    on(Function.EVENT_IS_READY, a -> flag(a, object(a, "handle", Event.class).ready[0]));
    on(Function.EVENT_AWAIT, a -> object(a, "handle", Event.class).await());
  }

  private void client() {
    on(
        Function.CLIENT_CREATE,
        a -> {
          clientOptions.addAll(
              NamedValues.read(a.getPointer("create_options"), a.getLong("num_options")));
          keyValues = new FakeKeyValues(this, a);
          if (option("num_nodes") > 1) meetOthers(option("node_id"), option("num_nodes"));
          a.set("client", handle(new Client()));
        });
    on(Function.CLIENT_DESTROY, this::destroy);
    on(Function.CLIENT_PLATFORM_NAME, a -> text(a, "fake".getBytes(StandardCharsets.UTF_8)));
    on(Function.CLIENT_PLATFORM_VERSION, a -> text(a, "1".getBytes(StandardCharsets.UTF_8)));
    on(
        Function.CLIENT_DEVICES,
        a -> {
          // Its own first.
          Set<MemorySegment> all = new LinkedHashSet<>(devices);
          all.addAll(everyDevice);
          a.set("elements", pointers(new ArrayList<>(all))).set("count", (long) all.size());
        });
    on(Function.CLIENT_ADDRESSABLE_DEVICES, this::listDevices);
    on(Function.LOADED_EXECUTABLE_ADDRESSABLE_DEVICES, this::listDevices);
    // A device is its own description.
    on(Function.DEVICE_GET_DESCRIPTION, a -> a.set("value", a.getPointer("handle")));
    on(
        Function.DEVICE_DESCRIPTION_ID,
        a -> a.set("value", everyDevice.indexOf(a.getPointer("handle"))));
    on(Function.DEVICE_DESCRIPTION_KIND, a -> text(a, "Fake".getBytes(StandardCharsets.UTF_8)));
    on(
        Function.DEVICE_DESCRIPTION_DEBUG_STRING,
        a -> text(a, "a fake device".getBytes(StandardCharsets.UTF_8)));
    on(
        Function.DEVICE_DESCRIPTION_ATTRIBUTES,
        a -> {
          List<NamedValue> attributes =
              List.of(
                  new NamedValue.Whole("device_memory_bytes_limit", 1L << 34),
                  new NamedValue.Flag("fake", true));
          a.set("elements", NamedValues.write(attributes, arena)).set("count", 2L);
        });
  }

  private long option(String name) {
    return clientOptions.stream()
        .filter(option -> option.name().equals(name))
        .mapToLong(option -> ((NamedValue.Whole) option).value())
        .findFirst()
        .orElse(1);
  }

  private void meetOthers(long host, long hosts) {
    keyValues.put("devices/" + host, new byte[] {NUM_DEVICES});
    List<MemorySegment> all = new ArrayList<>();
    for (long other = 0; other < hosts; other++) {
      byte[] theirs = keyValues.get("devices/" + other, MILLIS_TO_MEET);
      if (other == host) all.addAll(devices);
      else for (int i = 0; i < theirs[0]; i++) all.add(arena.allocate(8));
    }
    everyDevice = all;
  }

  private void listDevices(Struct arguments) {
    arguments.set("elements", pointers(devices)).set("count", (long) NUM_DEVICES);
  }

  private MemorySegment pointers(List<MemorySegment> pointers) {
    MemorySegment array = arena.allocate(ADDRESS, pointers.size());
    for (int i = 0; i < pointers.size(); i++) array.setAtIndex(ADDRESS, i, pointers.get(i));
    return array;
  }

  private void programs() {
    on(
        Function.CLIENT_COMPILE,
        a -> {
          object(a, "client", Client.class);
          Struct program = PjrtLayout.PROGRAM.at(a.getPointer("program"));
          String format =
              NativeCalls.text(program.getPointer("format"), program.getLong("format_size"));
          if (!format.equals("hlo")) throw new Failure(PjrtError.Code.INVALID_ARGUMENT, format);
          load(a, program.getPointer("code"), program.getLong("code_size"));
        });
    on(
        Function.EXECUTABLE_DESERIALIZE_AND_LOAD,
        a -> load(a, a.getPointer("bytes"), a.getLong("size")));
    on(Function.LOADED_EXECUTABLE_DESTROY, this::destroy);
    on(
        Function.LOADED_EXECUTABLE_GET_EXECUTABLE,
        a -> {
          String program = object(a, "handle", LoadedExecutable.class).program;
          a.set("value", handle(new Executable(program)));
        });
    on(Function.EXECUTABLE_DESTROY, this::destroy);
    on(Function.EXECUTABLE_NUM_OUTPUTS, a -> a.set("value", 1L));
    on(Function.LOADED_EXECUTABLE_EXECUTE, this::execute);
  }

  /** What a program does is its name: as plain text, or as an HloModuleProto's, its field 1. */
  private void load(Struct arguments, MemorySegment bytes, long size) {
    String text = NativeCalls.text(bytes, size);
    String name = text.startsWith("\n") ? text.substring(2) : text;
    arguments.set("executable", handle(new LoadedExecutable(name)));
  }

  private void execute(Struct arguments) {
    String program = object(arguments, "executable", LoadedExecutable.class).program;
    if (program.equals("fail")) throw new Failure(PjrtError.Code.INTERNAL, "no core\nis free");
    Struct options = PjrtLayout.EXECUTE_OPTIONS.at(arguments.getPointer("options"));
    long[] kept =
        NativeCalls.view(
                options.getPointer("non_donatable_input_indices"),
                options.getLong("num_non_donatable_input_indices") * Long.BYTES)
            .toArray(JAVA_LONG);
    boolean donate = LongStream.of(kept).noneMatch(index -> index == 0);
    for (int device = 0; device < arguments.getLong("num_devices"); device++) {
      MemorySegment inputs = element(arguments.getPointer("argument_lists"), device);
      Buffer a = object(element(inputs, 0), Buffer.class).alive();
      Buffer b = object(element(inputs, 1), Buffer.class).alive();
      Buffer sum = new Buffer(a.type, a.shape);
      Runnable work =
          program.equals("late")
              ? () -> {
                throw new Failure(PjrtError.Code.DATA_LOSS, "a link went down");
              }
              : () -> sum.data = add(a.computed(), b.computed());
      sum.work = new Event(work, new boolean[1]);
      a.deleted = donate;
      set(element(arguments.getPointer("output_lists"), device), 0, handle(sum));
      Event complete = new Event(sum.work::await, new boolean[1]);
      set(arguments.getPointer("device_complete_events"), device, handle(complete));
    }
  }

  private static byte[] add(byte[] a, byte[] b) {
    MemorySegment sum = MemorySegment.ofArray(new byte[a.length]);
    for (long at = 0; at < a.length; at += Float.BYTES) {
      float left = MemorySegment.ofArray(a).get(JAVA_FLOAT_UNALIGNED, at);
      float right = MemorySegment.ofArray(b).get(JAVA_FLOAT_UNALIGNED, at);
      sum.set(JAVA_FLOAT_UNALIGNED, at, left + right);
    }
    return sum.toArray(JAVA_BYTE);
  }

  private void buffers() {
    on(
        Function.CLIENT_BUFFER_FROM_HOST_BUFFER,
        a -> {
          if (!devices.contains(a.getPointer("device"))) {
            throw new Failure(PjrtError.Code.INVALID_ARGUMENT, "no such device");
          }
          int rank = (int) a.getLong("num_dims");
          long[] shape =
              NativeCalls.view(a.getPointer("dims"), (long) rank * Long.BYTES).toArray(JAVA_LONG);
          Buffer buffer = new Buffer(a.getInt("type"), shape);
          MemorySegment data = a.getPointer("data");
          Runnable transfer = () -> buffer.data = read(data, bytes(buffer));
          // "Immutable only during call": nobody waits for the transfer.
          if (a.getInt("host_buffer_semantics") == 0) {
            transfer.run();
            transfer = () -> {};
          }
          a.set("buffer", handle(buffer))
              .set("done_with_host_buffer", handle(new Event(transfer, new boolean[1])));
        });
    on(Function.BUFFER_DESTROY, this::destroy);
    on(Function.BUFFER_ELEMENT_TYPE, a -> a.set("value", object(a, "handle", Buffer.class).type));
    on(
        Function.BUFFER_DIMENSIONS,
        a -> {
          long[] shape = object(a, "handle", Buffer.class).shape;
          a.set("elements", arena.allocateFrom(JAVA_LONG, shape)).set("count", (long) shape.length);
        });
    on(Function.BUFFER_IS_DELETED, a -> flag(a, object(a, "handle", Buffer.class).deleted));
    on(Function.BUFFER_TO_HOST_BUFFER, this::toHost);
  }

  private void toHost(Struct arguments) {
    Buffer buffer = object(arguments, "source", Buffer.class).alive();
    Struct layout = PjrtLayout.MEMORY_LAYOUT.at(arguments.getPointer("host_layout"));
    long rank = layout.getLong("minor_to_major_size");
    long[] order =
        NativeCalls.view(layout.getPointer("minor_to_major"), rank * Long.BYTES).toArray(JAVA_LONG);
    long[] rowMajor =
        LongStream.range(0, buffer.shape.length).map(i -> buffer.shape.length - 1 - i).toArray();
    if (!Arrays.equals(order, rowMajor)) {
      throw new Failure(PjrtError.Code.UNIMPLEMENTED, "an order other than row-major");
    }
    if (arguments.getLong("destination_size") < bytes(buffer)) {
      throw new Failure(PjrtError.Code.INVALID_ARGUMENT, "too little memory");
    }
    MemorySegment destination = arguments.getPointer("destination");
    Runnable copy =
        () -> {
          byte[] data = buffer.computed();
          NativeCalls.view(destination, data.length).copyFrom(MemorySegment.ofArray(data));
        };
    arguments.set("event", handle(new Event(copy, new boolean[1])));
  }

  private static byte[] read(MemorySegment data, long bytes) {
    return NativeCalls.view(data, bytes).toArray(JAVA_BYTE);
  }

  private static long bytes(Buffer buffer) {
    return LongStream.of(buffer.shape).reduce(1, Math::multiplyExact)
        * BufferTypes.type(buffer.type).byteSize();
  }

  private static MemorySegment element(MemorySegment array, long index) {
    return NativeCalls.view(array, (index + 1) * ADDRESS.byteSize()).getAtIndex(ADDRESS, index);
  }

  private static void set(MemorySegment array, long index, MemorySegment value) {
    NativeCalls.view(array, (index + 1) * ADDRESS.byteSize()).setAtIndex(ADDRESS, index, value);
  }
}
