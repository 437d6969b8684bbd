package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.gemlab.graph.base.keyvalue.KeyValueStore;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * The devices that are attached, and what lives on them. Close the buffers and executables first:
 * they don't outlive their client.
 */
public final class PjrtClient implements AutoCloseable {
  /** The host's memory is read before the call returns: a copy more, and nothing to wait for. */
  private static final int IMMUTABLE_ONLY_DURING_CALL = 0;

  /** The host's memory may be read until the transfer's event says that it is complete. */
  private static final int IMMUTABLE_UNTIL_TRANSFER_COMPLETES = 1;

  /** Up to so many bytes, copying costs less than waiting: a step's tokens and loss, no weights. */
  public static final long SMALL = 1 << 16;

  private final PjrtApi api;
  private final Handle handle;
  private final Optional<KeyValueCallbacks> callbacks;

  private PjrtClient(PjrtApi api, MemorySegment pointer, Optional<KeyValueCallbacks> callbacks) {
    this.api = api;
    this.callbacks = callbacks;
    handle = new Handle(api, Function.CLIENT_DESTROY, pointer);
  }

  static PjrtClient create(PjrtApi api, List<NamedValue> options, Optional<KeyValueStore> store) {
    Optional<KeyValueCallbacks> callbacks = store.map(KeyValueCallbacks::new);
    try {
      return make(api, options, callbacks);
    } catch (RuntimeException e) {
      callbacks.ifPresent(KeyValueCallbacks::close);
      throw e;
    }
  }

  private static PjrtClient make(
      PjrtApi api, List<NamedValue> options, Optional<KeyValueCallbacks> callbacks) {
    try (Arena arena = Arena.ofConfined()) {
      Struct arguments =
          PjrtApi.arguments(Function.CLIENT_CREATE, arena)
              .set("create_options", NamedValues.write(options, arena))
              .set("num_options", (long) options.size());
      callbacks.ifPresent(given -> given.writeTo(arguments));
      api.call(Function.CLIENT_CREATE, arguments);
      return new PjrtClient(api, arguments.getPointer("client"), callbacks);
    }
  }

  /** Such as {@code tpu} or {@code cuda}. */
  public String platformName() {
    return api.text(Function.CLIENT_PLATFORM_NAME, handle.get());
  }

  public String platformVersion() {
    return api.text(Function.CLIENT_PLATFORM_VERSION, handle.get());
  }

  /** The devices of all hosts, this one's among them. */
  public List<PjrtDevice> allDevices() {
    return PjrtDevice.list(api, Function.CLIENT_DEVICES, handle.get());
  }

  /** The devices of this machine; those of other machines in a slice are not among them. */
  public List<PjrtDevice> devices() {
    return PjrtDevice.list(api, Function.CLIENT_ADDRESSABLE_DEVICES, handle.get());
  }

  /** Copies a tensor to a device; the tensor may be closed afterwards. */
  public PjrtBuffer toDevice(HostTensor tensor, PjrtDevice device) {
    boolean small = tensor.data().byteSize() <= SMALL;
    try (Arena arena = Arena.ofConfined()) {
      Struct arguments =
          PjrtApi.arguments(Function.CLIENT_BUFFER_FROM_HOST_BUFFER, arena)
              .set("client", handle.get())
              .set("data", tensor.data())
              .set("type", BufferTypes.number(tensor.type()))
              .set("dims", arena.allocateFrom(JAVA_LONG, tensor.shape().toArray()))
              .set("num_dims", (long) tensor.shape().rank())
              .set(
                  "host_buffer_semantics",
                  small ? IMMUTABLE_ONLY_DURING_CALL : IMMUTABLE_UNTIL_TRANSFER_COMPLETES)
              .set("device", device.pointer());
      api.call(Function.CLIENT_BUFFER_FROM_HOST_BUFFER, arguments);
      PjrtBuffer buffer = new PjrtBuffer(api, arguments.getPointer("buffer"));
      try (PjrtEvent read = new PjrtEvent(api, arguments.getPointer("done_with_host_buffer"))) {
        if (!small) read.await();
      } catch (PjrtError e) {
        buffer.close();
        throw e;
      }
      return buffer;
    }
  }

  /**
   * Compiles a program for the client's devices.
   *
   * @param hlo a serialized {@code HloModuleProto}
   */
  public PjrtLoadedExecutable compile(byte[] hlo, CompileOptions options) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] encoded = options.encode();
      Struct arguments =
          PjrtApi.arguments(Function.CLIENT_COMPILE, arena)
              .set("client", handle.get())
              .set("program", Programs.write(hlo, arena).memory())
              .set("compile_options", arena.allocateFrom(JAVA_BYTE, encoded))
              .set("compile_options_size", (long) encoded.length);
      api.call(Function.CLIENT_COMPILE, arguments);
      return new PjrtLoadedExecutable(api, arguments.getPointer("executable"));
    }
  }

  /** Loads what {@link PjrtExecutable#serialize} gave, by the same plugin in the same version. */
  public PjrtLoadedExecutable load(byte[] executable) {
    try (Arena arena = Arena.ofConfined()) {
      Struct arguments =
          PjrtApi.arguments(Function.EXECUTABLE_DESERIALIZE_AND_LOAD, arena)
              .set("client", handle.get())
              .set("bytes", arena.allocateFrom(JAVA_BYTE, executable))
              .set("size", (long) executable.length);
      api.call(Function.EXECUTABLE_DESERIALIZE_AND_LOAD, arguments);
      return new PjrtLoadedExecutable(api, arguments.getPointer("executable"));
    }
  }

  @Override
  public void close() {
    handle.close();
    callbacks.ifPresent(KeyValueCallbacks::close);
  }
}
