package io.gemlab.graph.path.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/**
 * An op of ours: its definition, and what it does when TensorFlow calls it.
 *
 * @param type its name in graphs
 * @param attributes what the types of inputs and outputs name, as an op's definition declares it:
 *     {@code T}, {@code N} or both
 * @param inputs each as {@code name: type}
 * @param outputs likewise
 * @param shape finds the outputs'
 * @param work computes them
 */
record KernelOp(
    String type,
    List<String> attributes,
    List<String> inputs,
    List<String> outputs,
    OutputShape shape,
    Work work) {

  /** An op with one attribute. */
  KernelOp(
      String type,
      String attribute,
      List<String> inputs,
      List<String> outputs,
      OutputShape shape,
      Work work) {
    this(type, List.of(attribute), inputs, outputs, shape, work);
  }

  /** What an op with one output, of type {@code T}, declares of it. */
  static final List<String> ONE_OUTPUT = List.of("y: T");

  /** What is computed in a call. */
  @FunctionalInterface
  interface Work {
    void run(KernelCall call) throws Throwable;
  }

  /** The outputs' shapes, from the inputs'. */
  enum OutputShape {
    /** They are known when the op runs. */
    UNKNOWN {
      @Override
      void set(MemorySegment context, MemorySegment status) throws Throwable {
        KernelApi.SET_UNKNOWN_SHAPE.invokeExact(context, status);
      }
    },
    /** The first output's is the first input's; others are known when the op runs. */
    OF_FIRST {
      @Override
      void set(MemorySegment context, MemorySegment status) throws Throwable {
        UNKNOWN.set(context, status);
        setLikeInput(0, context, status);
      }
    },
    /** The first two outputs' are the first two inputs'; there are no others. */
    OF_FIRST_TWO {
      @Override
      void set(MemorySegment context, MemorySegment status) throws Throwable {
        for (int i = 0; i < 2; i++) setLikeInput(i, context, status);
      }
    },
    /** Likewise of three. */
    OF_FIRST_THREE {
      @Override
      void set(MemorySegment context, MemorySegment status) throws Throwable {
        for (int i = 0; i < 3; i++) setLikeInput(i, context, status);
      }
    },
    /** The first input's first dimension and the second's. */
    OF_ROWS {
      @Override
      void set(MemorySegment context, MemorySegment status) throws Throwable {
        MemorySegment rows = (MemorySegment) KernelApi.NEW_SHAPE.invokeExact();
        MemorySegment columns = (MemorySegment) KernelApi.NEW_SHAPE.invokeExact();
        KernelApi.INPUT_SHAPE.invokeExact(context, 0, rows, status);
        KernelApi.SUBSHAPE.invokeExact(context, rows, 0L, 1L, rows, status);
        KernelApi.INPUT_SHAPE.invokeExact(context, 1, columns, status);
        KernelApi.SUBSHAPE.invokeExact(context, columns, 0L, 1L, columns, status);
        KernelApi.CONCATENATE.invokeExact(context, rows, columns, rows, status);
        KernelApi.SET_OUTPUT_SHAPE.invokeExact(context, 0, rows, status);
        KernelApi.DELETE_SHAPE.invokeExact(rows);
        KernelApi.DELETE_SHAPE.invokeExact(columns);
      }
    };

    abstract void set(MemorySegment context, MemorySegment status) throws Throwable;

    private static void setLikeInput(int index, MemorySegment context, MemorySegment status)
        throws Throwable {
      MemorySegment shape = (MemorySegment) KernelApi.NEW_SHAPE.invokeExact();
      KernelApi.INPUT_SHAPE.invokeExact(context, index, shape, status);
      KernelApi.SET_OUTPUT_SHAPE.invokeExact(context, index, shape, status);
      KernelApi.DELETE_SHAPE.invokeExact(shape);
    }
  }

  /** Makes it known to TensorFlow, once in the process's life. */
  void register() {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandles.Lookup here = MethodHandles.lookup();
      MethodType pointers =
          MethodType.methodType(void.class, MemorySegment.class, MemorySegment.class);
      MethodHandle infer = here.findVirtual(KernelOp.class, "infer", pointers).bindTo(this);
      MethodHandle compute = here.findVirtual(KernelOp.class, "compute", pointers).bindTo(this);
      MemorySegment name = arena.allocateFrom(type);
      MemorySegment op = (MemorySegment) KernelApi.NEW_OP.invokeExact(name);
      for (String attribute : attributes) {
        KernelApi.ADD_ATTR.invokeExact(op, arena.allocateFrom(attribute));
      }
      for (String input : inputs) KernelApi.ADD_INPUT.invokeExact(op, arena.allocateFrom(input));
      for (String output : outputs)
        KernelApi.ADD_OUTPUT.invokeExact(op, arena.allocateFrom(output));
      KernelApi.SET_SHAPE_FUNCTION.invokeExact(op, KernelApi.callback(infer));
      MemorySegment status = (MemorySegment) KernelApi.NEW_STATUS.invokeExact();
      KernelApi.REGISTER_OP.invokeExact(op, status);
      KernelApi.require(status);
      MemorySegment kernel =
          (MemorySegment)
              KernelApi.NEW_KERNEL.invokeExact(
                  name,
                  arena.allocateFrom("CPU"),
                  MemorySegment.NULL,
                  KernelApi.callback(compute),
                  MemorySegment.NULL);
      KernelApi.REGISTER_KERNEL.invokeExact(name, kernel, status);
      KernelApi.require(status);
      KernelApi.DELETE_STATUS.invokeExact(status);
    } catch (Throwable e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** {@code void infer(TF_ShapeInferenceContext *, TF_Status *)}. */
  private void infer(MemorySegment context, MemorySegment status) {
    try {
      shape.set(context, status);
    } catch (Throwable e) {
      throw new IllegalStateException(e); // ends the process: a call that never fails has failed
    }
  }

  /** {@code void compute(void *kernel, TF_OpKernelContext *)}. */
  private void compute(MemorySegment kernel, MemorySegment context) {
    try (KernelCall call = new KernelCall(context)) {
      try {
        work.run(call);
      } catch (Throwable e) {
        call.fail(e);
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e); // likewise
    }
  }
}
