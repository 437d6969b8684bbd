package io.gemlab.graph.path.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * oneDNN's C functions, each beside its C signature (oneapi/dnnl/dnnl.h and dnnl_common.h of 3.8).
 * The library comes in a jar for x86-64 Linux; TensorFlow has another oneDNN inside, which exports
 * none of them.
 *
 * <p>It was built for OpenMP, whose threads would stand beside our {@link Workers}: whoever calls
 * it says {@link #oneThread} first.
 */
@SuppressWarnings("restricted")
final class DnnlApi {
  /** Numbers of types, {@code dnnl_data_type_t}. */
  static final int BFLOAT16 = 2;

  static final int FLOAT32 = 3;
  static final int INT32 = 4;
  static final int INT8 = 5;

  /** {@code dnnl_data_type_undef}: of what is added to, its own. */
  static final int TYPE_OF_DESTINATION = 0;

  /** Numbers of a primitive's arguments, {@code DNNL_ARG_...}. */
  static final int SOURCE = 1;

  static final int WEIGHTS = 33;
  static final int DESTINATION = 17;

  /** {@code dnnl_query_weights_md}. */
  private static final int WEIGHTS_LAYOUT = 131;

  private static final int CPU = 1;
  static final int IN_ORDER = 1;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup FUNCTIONS = DnnlLibrary.functions().orElseThrow();

  // dnnl_status_t dnnl_engine_create(dnnl_engine_t *, dnnl_engine_kind_t, size_t index)
  private static final MethodHandle CREATE_ENGINE =
      find("dnnl_engine_create", ADDRESS, JAVA_INT, JAVA_LONG);
  // dnnl_status_t dnnl_stream_create(dnnl_stream_t *, dnnl_engine_t, unsigned flags)
  static final MethodHandle CREATE_STREAM = find("dnnl_stream_create", ADDRESS, ADDRESS, JAVA_INT);
  // dnnl_status_t dnnl_stream_wait(dnnl_stream_t); dnnl_status_t dnnl_stream_destroy(dnnl_stream_t)
  private static final MethodHandle WAIT = find("dnnl_stream_wait", ADDRESS);
  static final MethodHandle DESTROY_STREAM = find("dnnl_stream_destroy", ADDRESS);

  // dnnl_status_t dnnl_memory_desc_create_with_strides(dnnl_memory_desc_t *, int ndims,
  //     const dnnl_dims_t dims, dnnl_data_type_t, const dnnl_dims_t strides)
  static final MethodHandle DESCRIBE =
      find("dnnl_memory_desc_create_with_strides", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
  // dnnl_status_t dnnl_memory_desc_destroy(dnnl_memory_desc_t)
  static final MethodHandle DESTROY_DESCRIPTION = find("dnnl_memory_desc_destroy", ADDRESS);
  // dnnl_status_t dnnl_memory_create(dnnl_memory_t *, const_dnnl_memory_desc_t, dnnl_engine_t,
  //     void *handle)
  static final MethodHandle CREATE_MEMORY =
      find("dnnl_memory_create", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  // dnnl_status_t dnnl_memory_destroy(dnnl_memory_t)
  static final MethodHandle DESTROY_MEMORY = find("dnnl_memory_destroy", ADDRESS);
  // dnnl_status_t dnnl_memory_set_data_handle(dnnl_memory_t, void *handle)
  private static final MethodHandle POINT = find("dnnl_memory_set_data_handle", ADDRESS, ADDRESS);

  // dnnl_status_t dnnl_memory_desc_create_with_tag(dnnl_memory_desc_t *, int ndims,
  //     const dnnl_dims_t dims, dnnl_data_type_t, dnnl_format_tag_t)
  static final MethodHandle DESCRIBE_BY_TAG =
      find("dnnl_memory_desc_create_with_tag", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  // dnnl_status_t dnnl_memory_desc_clone(dnnl_memory_desc_t *, const_dnnl_memory_desc_t)
  static final MethodHandle CLONE_DESCRIPTION = find("dnnl_memory_desc_clone", ADDRESS, ADDRESS);
  // size_t dnnl_memory_desc_get_size(const_dnnl_memory_desc_t)
  private static final MethodHandle BYTES =
      LINKER.downcallHandle(
          FUNCTIONS.findOrThrow("dnnl_memory_desc_get_size"),
          FunctionDescriptor.of(JAVA_LONG, ADDRESS));
  // const_dnnl_memory_desc_t dnnl_primitive_desc_query_md(const_dnnl_primitive_desc_t,
  //     dnnl_query_t what, int index)
  private static final MethodHandle LAYOUT =
      LINKER.downcallHandle(
          FUNCTIONS.findOrThrow("dnnl_primitive_desc_query_md"),
          FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));

  // dnnl_status_t dnnl_reorder_primitive_desc_create(dnnl_primitive_desc_t *,
  //     const_dnnl_memory_desc_t src, dnnl_engine_t, const_dnnl_memory_desc_t dst, dnnl_engine_t,
  //     const_dnnl_primitive_attr_t)
  static final MethodHandle DESCRIBE_REORDER =
      find(
          "dnnl_reorder_primitive_desc_create",
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  // dnnl_status_t dnnl_matmul_primitive_desc_create(dnnl_primitive_desc_t *, dnnl_engine_t,
  //     const_dnnl_memory_desc_t src, const_dnnl_memory_desc_t weights,
  //     const_dnnl_memory_desc_t bias, const_dnnl_memory_desc_t dst, const_dnnl_primitive_attr_t)
  static final MethodHandle DESCRIBE_PRODUCT =
      find(
          "dnnl_matmul_primitive_desc_create",
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  // dnnl_status_t dnnl_post_ops_create(dnnl_post_ops_t *)
  static final MethodHandle CREATE_POST_OPS = find("dnnl_post_ops_create", ADDRESS);
  // dnnl_status_t dnnl_post_ops_append_sum(dnnl_post_ops_t, float scale, int32_t zero_point,
  //     dnnl_data_type_t)
  static final MethodHandle APPEND_SUM =
      find("dnnl_post_ops_append_sum", ADDRESS, JAVA_FLOAT, JAVA_INT, JAVA_INT);
  // dnnl_status_t dnnl_post_ops_destroy(dnnl_post_ops_t)
  static final MethodHandle DESTROY_POST_OPS = find("dnnl_post_ops_destroy", ADDRESS);
  // dnnl_status_t dnnl_primitive_attr_create(dnnl_primitive_attr_t *)
  static final MethodHandle CREATE_ATTRIBUTES = find("dnnl_primitive_attr_create", ADDRESS);
  // dnnl_status_t dnnl_primitive_attr_set_post_ops(dnnl_primitive_attr_t, const_dnnl_post_ops_t)
  static final MethodHandle SET_POST_OPS =
      find("dnnl_primitive_attr_set_post_ops", ADDRESS, ADDRESS);
  // dnnl_status_t dnnl_primitive_attr_destroy(dnnl_primitive_attr_t)
  static final MethodHandle DESTROY_ATTRIBUTES = find("dnnl_primitive_attr_destroy", ADDRESS);
  // dnnl_status_t dnnl_primitive_desc_destroy(dnnl_primitive_desc_t)
  static final MethodHandle DESTROY_PRIMITIVE_DESCRIPTION =
      find("dnnl_primitive_desc_destroy", ADDRESS);
  // dnnl_status_t dnnl_primitive_create(dnnl_primitive_t *, const_dnnl_primitive_desc_t)
  static final MethodHandle CREATE_PRIMITIVE = find("dnnl_primitive_create", ADDRESS, ADDRESS);
  // dnnl_status_t dnnl_primitive_destroy(dnnl_primitive_t)
  static final MethodHandle DESTROY_PRIMITIVE = find("dnnl_primitive_destroy", ADDRESS);
  // dnnl_status_t dnnl_primitive_execute(const_dnnl_primitive_t, dnnl_stream_t, int nargs,
  //     const dnnl_exec_arg_t *args)
  private static final MethodHandle EXECUTE =
      find("dnnl_primitive_execute", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);

  // void omp_set_num_threads(int), for the calling thread
  private static final MethodHandle SET_THREADS =
      LINKER.downcallHandle(
          FUNCTIONS.findOrThrow("omp_set_num_threads"), FunctionDescriptor.ofVoid(JAVA_INT));

  /** The processor, for the rest of the process's life. */
  static final MemorySegment ENGINE = engine();

  private DnnlApi() {}

  private static MethodHandle find(String name, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        FUNCTIONS.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
  }

  private static MemorySegment engine() {
    return made(at -> (int) CREATE_ENGINE.invokeExact(at, CPU, 0L));
  }

  /** Says where a memory is. */
  static void point(MemorySegment memory, MemorySegment data) {
    require(() -> (int) POINT.invokeExact(memory, data));
  }

  /** Runs a primitive to its end. */
  static void execute(
      MemorySegment primitive, MemorySegment stream, int count, MemorySegment arguments) {
    require(() -> (int) EXECUTE.invokeExact(primitive, stream, count, arguments));
    require(() -> (int) WAIT.invokeExact(stream));
  }

  /** Bytes of memory of a description. */
  static long bytes(MemorySegment description) {
    try {
      return (long) BYTES.invokeExact(description);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** The layout that a product's description has chosen for its weights; lives as long as it. */
  static MemorySegment weightsLayout(MemorySegment product) {
    try {
      return (MemorySegment) LAYOUT.invokeExact(product, WEIGHTS_LAYOUT, 0);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Keeps oneDNN to the calling thread. */
  static void oneThread() {
    try {
      SET_THREADS.invokeExact(1);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** A call that gives a status. */
  @FunctionalInterface
  interface Call {
    int status() throws Throwable;
  }

  /** A call that puts a handle where it is told to, and gives a status. */
  @FunctionalInterface
  interface Maker {
    int make(MemorySegment at) throws Throwable;
  }

  /** The handle that a call makes. */
  static MemorySegment made(Maker maker) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment at = arena.allocate(ADDRESS);
      require(() -> maker.make(at));
      return at.get(ADDRESS, 0);
    }
  }

  /**
   * Makes sure that a call went well.
   *
   * @throws IllegalStateException with oneDNN's number of what went wrong
   */
  static void require(Call call) {
    int status;
    try {
      status = call.status();
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    if (status != 0) throw new IllegalStateException("oneDNN gave status " + status);
  }
}
