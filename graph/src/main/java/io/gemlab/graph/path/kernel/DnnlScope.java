package io.gemlab.graph.path.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Objects of oneDNN's that are needed for a while, and what is done with them. */
final class DnnlScope implements AutoCloseable {
  /** {@code dnnl_format_tag_any}: the layout that a primitive likes best. */
  private static final int ANY = 1;

  /** {@code dnnl_exec_arg_t}: an int and a pointer. */
  private static final long ARGUMENT_BYTES = 2 * ADDRESS.byteSize();

  private final Arena arena;
  private final Deque<DnnlApi.Call> destructions = new ArrayDeque<>();

  /**
   * @param arena what structs belong to that go to oneDNN; its owner closes it
   */
  DnnlScope(Arena arena) {
    this.arena = arena;
  }

  /**
   * An object that a call makes.
   *
   * @param destroy what ends it
   */
  MemorySegment made(DnnlApi.Maker maker, MethodHandle destroy) {
    MemorySegment handle = DnnlApi.made(maker);
    destructions.push(() -> (int) destroy.invokeExact(handle));
    return handle;
  }

  /** A stream, in which one primitive runs after the other. */
  MemorySegment stream() {
    return made(
        at -> (int) DnnlApi.CREATE_STREAM.invokeExact(at, DnnlApi.ENGINE, DnnlApi.IN_ORDER),
        DnnlApi.DESTROY_STREAM);
  }

  /**
   * A matrix in a plain layout.
   *
   * @param type {@code dnnl_data_type_t}
   * @param toNextRow elements from one row to the next
   * @param toNextColumn likewise
   */
  MemorySegment matrix(int type, long rows, long columns, long toNextRow, long toNextColumn) {
    MemorySegment extent = arena.allocateFrom(JAVA_LONG, rows, columns);
    MemorySegment strides = arena.allocateFrom(JAVA_LONG, toNextRow, toNextColumn);
    return made(
        at -> (int) DnnlApi.DESCRIBE.invokeExact(at, 2, extent, type, strides),
        DnnlApi.DESTROY_DESCRIPTION);
  }

  /** A matrix in a layout that is still to be chosen. */
  MemorySegment anyMatrix(int type, long rows, long columns) {
    MemorySegment extent = arena.allocateFrom(JAVA_LONG, rows, columns);
    return made(
        at -> (int) DnnlApi.DESCRIBE_BY_TAG.invokeExact(at, 2, extent, type, ANY),
        DnnlApi.DESTROY_DESCRIPTION);
  }

  /**
   * A product's description, of its operands' descriptions.
   *
   * @param added whether the product is added to y
   */
  MemorySegment product(MemorySegment a, MemorySegment w, MemorySegment y, boolean added) {
    MemorySegment none = MemorySegment.NULL;
    MemorySegment attributes = added ? additionAttributes() : none;
    return made(
        at ->
            (int)
                DnnlApi.DESCRIBE_PRODUCT.invokeExact(at, DnnlApi.ENGINE, a, w, none, y, attributes),
        DnnlApi.DESTROY_PRIMITIVE_DESCRIPTION);
  }

  private MemorySegment additionAttributes() {
    MemorySegment after =
        made(at -> (int) DnnlApi.CREATE_POST_OPS.invokeExact(at), DnnlApi.DESTROY_POST_OPS);
    DnnlApi.require(
        () -> (int) DnnlApi.APPEND_SUM.invokeExact(after, 1f, 0, DnnlApi.TYPE_OF_DESTINATION));
    MemorySegment attributes =
        made(at -> (int) DnnlApi.CREATE_ATTRIBUTES.invokeExact(at), DnnlApi.DESTROY_ATTRIBUTES);
    DnnlApi.require(() -> (int) DnnlApi.SET_POST_OPS.invokeExact(attributes, after));
    return attributes;
  }

  /** A copy's description, from one layout to another. */
  MemorySegment reorder(MemorySegment from, MemorySegment to) {
    MemorySegment engine = DnnlApi.ENGINE;
    return made(
        at ->
            (int)
                DnnlApi.DESCRIBE_REORDER.invokeExact(
                    at, from, engine, to, engine, MemorySegment.NULL),
        DnnlApi.DESTROY_PRIMITIVE_DESCRIPTION);
  }

  /** What a description describes, ready to run. */
  MemorySegment primitive(MemorySegment description) {
    return made(
        at -> (int) DnnlApi.CREATE_PRIMITIVE.invokeExact(at, description),
        DnnlApi.DESTROY_PRIMITIVE);
  }

  /** Memory of a description, at an address that is still to be said. */
  MemorySegment memory(MemorySegment description) {
    return made(
        at ->
            (int)
                DnnlApi.CREATE_MEMORY.invokeExact(
                    at, description, DnnlApi.ENGINE, MemorySegment.NULL),
        DnnlApi.DESTROY_MEMORY);
  }

  /** A primitive's argument. */
  record Argument(int number, MemorySegment memory) {}

  /** Arguments as a primitive gets them. */
  MemorySegment arguments(List<Argument> all) {
    MemorySegment structs = arena.allocate(all.size() * ARGUMENT_BYTES, ADDRESS.byteAlignment());
    for (int i = 0; i < all.size(); i++) {
      structs.set(JAVA_INT, i * ARGUMENT_BYTES, all.get(i).number());
      structs.set(ADDRESS, i * ARGUMENT_BYTES + ADDRESS.byteSize(), all.get(i).memory());
    }
    return structs;
  }

  @Override
  public void close() {
    destructions.forEach(DnnlApi::require);
  }
}
