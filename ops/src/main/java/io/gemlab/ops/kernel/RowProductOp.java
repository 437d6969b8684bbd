package io.gemlab.ops.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.gemlab.ops.Bfloat16;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The ops behind {@link RowProduct}: their definitions, and what they do when they are called. */
enum RowProductOp {
  BFLOAT16("GemlabRowProductBfloat16", "T: {bfloat16}", List.of("weights: T"), new Bfloat16Rows()),
  INT8("GemlabRowProductInt8", Quantized.FLOATS, Quantized.INPUTS, new Int8Rows()),
  INT4("GemlabRowProductInt4", Quantized.FLOATS, Quantized.INPUTS, new Int4Rows());

  /** TensorFlow's number of float32. */
  private static final int DT_FLOAT = 1;

  /** Bytes of weights that a thread takes at once. */
  private static final int PIECE = 1 << 17;

  private static final class Quantized {
    private static final String FLOATS = "T: {float, bfloat16}";
    private static final List<String> INPUTS = List.of("values: uint8", "scales: bfloat16");
  }

  static {
    for (RowProductOp op : values()) op.register();
  }

  private final String type;
  private final String attribute;
  private final List<String> matrix;
  private final RowFormat<?> format;

  RowProductOp(String type, String attribute, List<String> matrix, RowFormat<?> format) {
    this.type = type;
    this.attribute = attribute;
    this.matrix = matrix;
    this.format = format;
  }

  /** The op's name in graphs. */
  String type() {
    return type;
  }

  private void register() {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandles.Lookup here = MethodHandles.lookup();
      MethodType pointers =
          MethodType.methodType(void.class, MemorySegment.class, MemorySegment.class);
      MethodHandle shape = here.findStatic(RowProductOp.class, "shape", pointers);
      MethodHandle compute = here.findVirtual(RowProductOp.class, "compute", pointers);
      MemorySegment name = arena.allocateFrom(type);
      MemorySegment op = (MemorySegment) KernelApi.NEW_OP.invokeExact(name);
      KernelApi.ADD_ATTR.invokeExact(op, arena.allocateFrom(attribute));
      KernelApi.ADD_INPUT.invokeExact(op, arena.allocateFrom("x: T"));
      for (String input : matrix) KernelApi.ADD_INPUT.invokeExact(op, arena.allocateFrom(input));
      KernelApi.ADD_OUTPUT.invokeExact(op, arena.allocateFrom("y: T"));
      KernelApi.SET_SHAPE_FUNCTION.invokeExact(op, KernelApi.callback(shape));
      MemorySegment status = (MemorySegment) KernelApi.NEW_STATUS.invokeExact();
      KernelApi.REGISTER_OP.invokeExact(op, status);
      KernelApi.require(status);
      MemorySegment kernel =
          (MemorySegment)
              KernelApi.NEW_KERNEL.invokeExact(
                  name,
                  arena.allocateFrom("CPU"),
                  MemorySegment.NULL,
                  KernelApi.callback(compute.bindTo(this)),
                  MemorySegment.NULL);
      KernelApi.REGISTER_KERNEL.invokeExact(name, kernel, status);
      KernelApi.require(status);
      KernelApi.DELETE_STATUS.invokeExact(status);
    } catch (Throwable e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** {@code void shape(TF_ShapeInferenceContext *, TF_Status *)}: [..., M, O] of [..., M, I], W. */
  private static void shape(MemorySegment context, MemorySegment status) {
    try {
      MemorySegment rows = (MemorySegment) KernelApi.NEW_SHAPE.invokeExact();
      MemorySegment columns = (MemorySegment) KernelApi.NEW_SHAPE.invokeExact();
      KernelApi.INPUT_SHAPE.invokeExact(context, 0, rows, status);
      KernelApi.SUBSHAPE.invokeExact(context, rows, 0L, -1L, rows, status);
      KernelApi.INPUT_SHAPE.invokeExact(context, 1, columns, status);
      KernelApi.SUBSHAPE.invokeExact(context, columns, -2L, -1L, columns, status);
      KernelApi.CONCATENATE.invokeExact(context, rows, columns, rows, status);
      KernelApi.SET_OUTPUT_SHAPE.invokeExact(context, 0, rows, status);
      KernelApi.DELETE_SHAPE.invokeExact(rows);
      KernelApi.DELETE_SHAPE.invokeExact(columns);
    } catch (Throwable e) {
      throw new IllegalStateException(e); // ends the process: a call that never fails has failed
    }
  }

  /** {@code void compute(void *kernel, TF_OpKernelContext *)}. */
  private void compute(MemorySegment kernel, MemorySegment context) {
    try (KernelCall call = new KernelCall(context)) {
      try {
        multiply(call, format);
      } catch (Throwable e) {
        call.fail(e);
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e); // likewise
    }
  }

  private <X> void multiply(KernelCall call, RowFormat<X> format) throws Throwable {
    KernelCall.Matrices x = call.input(0);
    KernelCall.Matrices weights = call.input(1);
    MemorySegment scales = matrix.size() > 1 ? call.input(2).data() : MemorySegment.NULL;
    int in = x.columns();
    int rows = x.rows();
    int out = weights.rows();
    if (weights.data().byteSize() != x.count() * out * format.rowBytes(in)) {
      throw new IllegalArgumentException(
          "%s: x is %s and W %s, which don't belong together"
              .formatted(type, Arrays.toString(x.shape()), Arrays.toString(weights.shape())));
    }
    boolean wide = x.type() == DT_FLOAT;
    List<X> arranged = new ArrayList<>();
    for (int m = 0; m < x.count() * rows; m++) arranged.add(format.arrange(row(x, wide, m)));
    MemorySegment y = call.output(x, out, wide ? Float.BYTES : Short.BYTES);
    Workers.SHARED.share(
        x.count() * out,
        (int) Math.max(1, PIECE / format.rowBytes(in)),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int first = row / out * rows;
            for (int m = first; m < first + rows; m++) {
              float sum = format.dot(weights.data(), scales, row, in, arranged.get(m));
              put(y, wide, (long) m * out + row % out, sum);
            }
          }
        });
  }

  private static float[] row(KernelCall.Matrices x, boolean wide, int m) {
    float[] row = new float[x.columns()];
    for (int i = 0; i < row.length; i++) row[i] = get(x.data(), wide, (long) m * row.length + i);
    return row;
  }

  private static float get(MemorySegment x, boolean wide, long at) {
    return wide
        ? x.get(JAVA_FLOAT_UNALIGNED, Float.BYTES * at)
        : Bfloat16.toFloat(x.get(JAVA_SHORT_UNALIGNED, Short.BYTES * at));
  }

  private static void put(MemorySegment y, boolean wide, long at, float value) {
    if (wide) y.set(JAVA_FLOAT_UNALIGNED, Float.BYTES * at, value);
    else y.set(JAVA_SHORT_UNALIGNED, Short.BYTES * at, Bfloat16.fromFloat(value));
  }
}
