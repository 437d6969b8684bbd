package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Devices to compile for, which need not be attached. */
public final class PjrtTopology implements AutoCloseable {
  private final PjrtApi api;
  private final Handle handle;

  private PjrtTopology(PjrtApi api, MemorySegment pointer) {
    this.api = api;
    handle = new Handle(api, Function.TOPOLOGY_DESTROY, pointer);
  }

  static PjrtTopology create(PjrtApi api, String plugin, TopologySpec spec) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] name = spec.name().getBytes(StandardCharsets.UTF_8);
      Struct arguments =
          PjrtApi.arguments(Function.TOPOLOGY_CREATE, arena)
              .set("name", arena.allocateFrom(JAVA_BYTE, name))
              .set("name_size", (long) name.length)
              .set("create_options", NamedValues.write(spec.options(), arena))
              .set("num_options", (long) spec.options().size());
      api.call(Function.TOPOLOGY_CREATE, arguments);
      return new PjrtTopology(api, arguments.getPointer("topology"));
    } catch (PjrtError e) {
      throw new InvalidInput(
          "%s can't make the topology %s: %s; a TPU's names are such as v5e:2x2 or v5p:2x2x4"
              .formatted(plugin, InvalidInput.shown(spec.name()), e.reason()),
          e);
    }
  }

  /** Such as {@code tpu} or {@code cuda}. */
  public String platformName() {
    return api.text(Function.TOPOLOGY_PLATFORM_NAME, handle.get());
  }

  /** The compiler's own version, which may be several lines. */
  public String platformVersion() {
    return api.text(Function.TOPOLOGY_PLATFORM_VERSION, handle.get());
  }

  public List<DeviceDescription> devices() {
    return api.pointers(Function.TOPOLOGY_GET_DEVICE_DESCRIPTIONS, handle.get()).stream()
        .map(pointer -> DeviceDescription.read(api, pointer))
        .toList();
  }

  /**
   * Compiles a program for these devices.
   *
   * @param hlo a serialized {@code HloModuleProto}
   * @throws PjrtError if the compiler refuses it; RESOURCE_EXHAUSTED if it doesn't fit
   */
  public PjrtExecutable compile(byte[] hlo, CompileOptions options) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] encoded = options.encode();
      Struct arguments =
          PjrtApi.arguments(Function.COMPILE, arena)
              .set("topology", handle.get())
              .set("program", Programs.write(hlo, arena).memory())
              .set("compile_options", arena.allocateFrom(JAVA_BYTE, encoded))
              .set("compile_options_size", (long) encoded.length);
      api.call(Function.COMPILE, arguments);
      return new PjrtExecutable(api, arguments.getPointer("executable"));
    }
  }

  @Override
  public void close() {
    handle.close();
  }
}
