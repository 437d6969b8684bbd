package io.gemlab.tpu.pjrt;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A tensor in a device's memory.
 *
 * <p>An execution that was given it as an argument to donate has taken its memory: it can then only
 * be closed.
 */
public final class PjrtBuffer implements AutoCloseable {
  /** {@code PJRT_Buffer_MemoryLayout_Type_Tiled}. */
  private static final int TILED = 0;

  private final PjrtApi api;
  private final Handle handle;

  PjrtBuffer(PjrtApi api, MemorySegment pointer) {
    this.api = api;
    handle = new Handle(api, Function.BUFFER_DESTROY, pointer);
  }

  MemorySegment pointer() {
    return handle.get();
  }

  public ElementType type() {
    return BufferTypes.type(api.integer(Function.BUFFER_ELEMENT_TYPE, handle.get()));
  }

  public TensorShape shape() {
    MemorySegment dimensions = api.array(Function.BUFFER_DIMENSIONS, handle.get(), Long.BYTES);
    return TensorShape.of(dimensions.toArray(JAVA_LONG));
  }

  /** Whether an execution took its memory. */
  boolean isDonated() {
    return api.flag(Function.BUFFER_IS_DELETED, handle.get());
  }

  /**
   * Copies the elements to the host, row-major, once they have been computed.
   *
   * @return the caller closes it
   * @throws PjrtError if the execution that should have made them failed, or if it is donated
   */
  public HostTensor toHost() {
    try (PjrtDownload download = startToHost()) {
      return download.await();
    }
  }

  /**
   * Queues the copy of {@link #toHost} behind what computes the elements, without waiting.
   *
   * @return the caller closes it
   * @throws PjrtError if this is donated
   */
  public PjrtDownload startToHost() {
    HostTensor host = HostTensor.allocate(type(), shape());
    try (Arena arena = Arena.ofConfined()) {
      Struct arguments =
          PjrtApi.arguments(Function.BUFFER_TO_HOST_BUFFER, arena)
              .set("source", handle.get())
              .set("host_layout", rowMajor(host.shape().rank(), arena).memory())
              .set("destination", host.data())
              .set("destination_size", host.data().byteSize());
      api.call(Function.BUFFER_TO_HOST_BUFFER, arguments);
      return new PjrtDownload(host, new PjrtEvent(api, arguments.getPointer("event")));
    } catch (PjrtError e) {
      host.close();
      throw e;
    }
  }

  /**
   * The last dimension varies fastest; without it, the elements would come as the device has them.
   */
  private static Struct rowMajor(int rank, Arena arena) {
    MemorySegment order = arena.allocate(JAVA_LONG, rank);
    for (int i = 0; i < rank; i++) order.setAtIndex(JAVA_LONG, i, rank - 1 - i);
    return PjrtApi.allocate(PjrtLayout.MEMORY_LAYOUT, arena)
        .set("tiled_size", PjrtLayout.TILED_SIZE)
        .set("minor_to_major", order)
        .set("minor_to_major_size", (long) rank)
        .set("type", TILED);
  }

  @Override
  public void close() {
    handle.close();
  }
}
