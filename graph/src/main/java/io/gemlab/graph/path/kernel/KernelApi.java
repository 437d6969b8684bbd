package io.gemlab.graph.path.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.gemlab.graph.runtime.NativeRuntime;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.tensorflow.TensorFlow;

/**
 * TensorFlow's C functions for ops and kernels of one's own, each beside its C signature
 * (tensorflow/c/ops.h, kernels.h, tf_tensor.h). TensorFlow Java has no classes for them, but its
 * native library exports them.
 */
@SuppressWarnings("restricted")
final class KernelApi {
  static {
    NativeRuntime.ensure();
    TensorFlow.version(); // loads the library
  }

  private static final Linker LINKER = Linker.nativeLinker();

  /** What a function that TensorFlow calls gets and returns: {@code void f(void *, void *)}. */
  static final FunctionDescriptor TWO_POINTERS = FunctionDescriptor.ofVoid(ADDRESS, ADDRESS);

  // TF_Status *TF_NewStatus(void); void TF_DeleteStatus(TF_Status *)
  static final MethodHandle NEW_STATUS = find("TF_NewStatus", FunctionDescriptor.of(ADDRESS));
  static final MethodHandle DELETE_STATUS = procedure("TF_DeleteStatus", ADDRESS);
  // void TF_SetStatus(TF_Status *, TF_Code, const char *message)
  static final MethodHandle SET_STATUS = procedure("TF_SetStatus", ADDRESS, JAVA_INT, ADDRESS);
  // TF_Code TF_GetCode(const TF_Status *); const char *TF_Message(const TF_Status *)
  static final MethodHandle CODE = find("TF_GetCode", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  static final MethodHandle MESSAGE = find("TF_Message", FunctionDescriptor.of(ADDRESS, ADDRESS));

  // TF_OpDefinitionBuilder *TF_NewOpDefinitionBuilder(const char *op_name)
  static final MethodHandle NEW_OP =
      find("TF_NewOpDefinitionBuilder", FunctionDescriptor.of(ADDRESS, ADDRESS));
  // void TF_OpDefinitionBuilderAddAttr(TF_OpDefinitionBuilder *, const char *attr_spec), and so on
  static final MethodHandle ADD_ATTR = procedure("TF_OpDefinitionBuilderAddAttr", ADDRESS, ADDRESS);
  static final MethodHandle ADD_INPUT =
      procedure("TF_OpDefinitionBuilderAddInput", ADDRESS, ADDRESS);
  static final MethodHandle ADD_OUTPUT =
      procedure("TF_OpDefinitionBuilderAddOutput", ADDRESS, ADDRESS);
  // void TF_OpDefinitionBuilderSetShapeInferenceFunction(TF_OpDefinitionBuilder *,
  //     void (*)(TF_ShapeInferenceContext *, TF_Status *))
  static final MethodHandle SET_SHAPE_FUNCTION =
      procedure("TF_OpDefinitionBuilderSetShapeInferenceFunction", ADDRESS, ADDRESS);
  // void TF_RegisterOpDefinition(TF_OpDefinitionBuilder *, TF_Status *)
  static final MethodHandle REGISTER_OP = procedure("TF_RegisterOpDefinition", ADDRESS, ADDRESS);

  // TF_ShapeHandle *TF_NewShapeHandle(void); void TF_DeleteShapeHandle(TF_ShapeHandle *)
  static final MethodHandle NEW_SHAPE = find("TF_NewShapeHandle", FunctionDescriptor.of(ADDRESS));
  static final MethodHandle DELETE_SHAPE = procedure("TF_DeleteShapeHandle", ADDRESS);
  // void TF_ShapeInferenceContextGetInput(TF_ShapeInferenceContext *, int, TF_ShapeHandle *,
  //     TF_Status *)
  static final MethodHandle INPUT_SHAPE =
      procedure("TF_ShapeInferenceContextGetInput", ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
  // void TF_ShapeInferenceContextSubshape(TF_ShapeInferenceContext *, TF_ShapeHandle *,
  //     int64_t start, int64_t end, TF_ShapeHandle *result, TF_Status *)
  static final MethodHandle SUBSHAPE =
      procedure(
          "TF_ShapeInferenceContextSubshape",
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          ADDRESS);
  // void TF_ShapeInferenceContextConcatenateShapes(TF_ShapeInferenceContext *, TF_ShapeHandle *,
  //     TF_ShapeHandle *, TF_ShapeHandle *result, TF_Status *)
  static final MethodHandle CONCATENATE =
      procedure(
          "TF_ShapeInferenceContextConcatenateShapes", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  // void TF_ShapeInferenceContextSetUnknownShape(TF_ShapeInferenceContext *, TF_Status *)
  static final MethodHandle SET_UNKNOWN_SHAPE =
      procedure("TF_ShapeInferenceContextSetUnknownShape", ADDRESS, ADDRESS);
  // void TF_ShapeInferenceContextSetOutput(TF_ShapeInferenceContext *, int, TF_ShapeHandle *,
  //     TF_Status *)
  static final MethodHandle SET_OUTPUT_SHAPE =
      procedure("TF_ShapeInferenceContextSetOutput", ADDRESS, JAVA_INT, ADDRESS, ADDRESS);

  // TF_KernelBuilder *TF_NewKernelBuilder(const char *op_name, const char *device_name,
  //     void *(*create)(TF_OpKernelConstruction *), void (*compute)(void *, TF_OpKernelContext *),
  //     void (*delete)(void *))
  static final MethodHandle NEW_KERNEL =
      find(
          "TF_NewKernelBuilder",
          FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  // void TF_RegisterKernelBuilder(const char *name, TF_KernelBuilder *, TF_Status *)
  static final MethodHandle REGISTER_KERNEL =
      procedure("TF_RegisterKernelBuilder", ADDRESS, ADDRESS, ADDRESS);
  // int TF_NumInputs(TF_OpKernelContext *)
  static final MethodHandle INPUTS = find("TF_NumInputs", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  // void TF_GetInput(TF_OpKernelContext *, int, TF_Tensor **, TF_Status *)
  static final MethodHandle INPUT = procedure("TF_GetInput", ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
  // void TF_SetOutput(TF_OpKernelContext *, int, const TF_Tensor *, TF_Status *)
  static final MethodHandle PASS_ON =
      procedure("TF_SetOutput", ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
  // TF_Tensor *TF_AllocateOutput(TF_OpKernelContext *, int index, TF_DataType, const int64_t *dims,
  //     int num_dims, size_t bytes, TF_Status *)
  static final MethodHandle ALLOCATE_OUTPUT =
      find(
          "TF_AllocateOutput",
          FunctionDescriptor.of(
              ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, ADDRESS));
  // void TF_OpKernelContext_Failure(TF_OpKernelContext *, TF_Status *)
  static final MethodHandle FAILURE = procedure("TF_OpKernelContext_Failure", ADDRESS, ADDRESS);

  // TF_DataType TF_TensorType(const TF_Tensor *); int TF_NumDims(const TF_Tensor *);
  // int64_t TF_Dim(const TF_Tensor *, int)
  static final MethodHandle TENSOR_TYPE =
      find("TF_TensorType", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  static final MethodHandle RANK = find("TF_NumDims", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  static final MethodHandle DIMENSION =
      find("TF_Dim", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT));
  // size_t TF_TensorByteSize(const TF_Tensor *); void *TF_TensorData(const TF_Tensor *)
  static final MethodHandle TENSOR_BYTES =
      find("TF_TensorByteSize", FunctionDescriptor.of(JAVA_LONG, ADDRESS));
  static final MethodHandle TENSOR_DATA =
      find("TF_TensorData", FunctionDescriptor.of(ADDRESS, ADDRESS));
  // void TF_DeleteTensor(TF_Tensor *)
  static final MethodHandle DELETE_TENSOR = procedure("TF_DeleteTensor", ADDRESS);

  private KernelApi() {}

  private static MethodHandle find(String name, FunctionDescriptor signature) {
    return LINKER.downcallHandle(SymbolLookup.loaderLookup().findOrThrow(name), signature);
  }

  private static MethodHandle procedure(String name, java.lang.foreign.MemoryLayout... arguments) {
    return find(name, FunctionDescriptor.ofVoid(arguments));
  }

  /** A pointer to a Java function, for the rest of the process's life. */
  static MemorySegment callback(MethodHandle function) {
    return LINKER.upcallStub(function, TWO_POINTERS, Arena.global());
  }

  /** The bytes at a pointer that TensorFlow owns. */
  static MemorySegment view(MemorySegment pointer, long bytes) {
    return pointer.reinterpret(bytes);
  }

  /**
   * Makes sure that a call went well.
   *
   * @throws IllegalStateException with TensorFlow's message
   */
  static void require(MemorySegment status) throws Throwable {
    if ((int) CODE.invokeExact(status) == 0) return;
    MemorySegment message = (MemorySegment) MESSAGE.invokeExact(status);
    throw new IllegalStateException(view(message, Long.MAX_VALUE).getString(0));
  }

  /** Sets a status to what was thrown. */
  static void set(MemorySegment status, int code, Throwable cause) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      SET_STATUS.invokeExact(status, code, arena.allocateFrom(cause.toString()));
    }
  }
}
