package io.gemlab.graph.path.eager;

import static org.tensorflow.internal.c_api.global.tensorflow.TFE_DeleteContext;
import static org.tensorflow.internal.c_api.global.tensorflow.TFE_DeleteContextOptions;
import static org.tensorflow.internal.c_api.global.tensorflow.TFE_DeleteOp;
import static org.tensorflow.internal.c_api.global.tensorflow.TFE_DeleteTensorHandle;
import static org.tensorflow.internal.c_api.global.tensorflow.TFE_Execute;
import static org.tensorflow.internal.c_api.global.tensorflow.TFE_NewContext;
import static org.tensorflow.internal.c_api.global.tensorflow.TFE_NewContextOptions;
import static org.tensorflow.internal.c_api.global.tensorflow.TFE_NewOp;
import static org.tensorflow.internal.c_api.global.tensorflow.TFE_NewTensorHandle;
import static org.tensorflow.internal.c_api.global.tensorflow.TFE_OpAddInput;
import static org.tensorflow.internal.c_api.global.tensorflow.TFE_OpSetAttrValueProto;
import static org.tensorflow.internal.c_api.global.tensorflow.TFE_TensorHandleCopySharingTensor;
import static org.tensorflow.internal.c_api.global.tensorflow.TFE_TensorHandleResolve;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteTensor;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_Dim;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NumDims;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TensorByteSize;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TensorData;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TensorType;

import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.runtime.Tensors;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.tensorflow.internal.c_api.TFE_Context;
import org.tensorflow.internal.c_api.TFE_ContextOptions;
import org.tensorflow.internal.c_api.TFE_Op;
import org.tensorflow.internal.c_api.TFE_TensorHandle;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/**
 * TensorFlow's eager runtime through its C interface: tensors as handles, and one op at a time.
 *
 * <p>Every handle is freed by whoever got it. Not for several threads at once.
 */
final class EagerRuntime implements AutoCloseable {
  /** More outputs than any op of ours has. */
  private static final int MOST_OUTPUTS = 256;

  private final TF_Status status = TF_Status.newStatus();
  private final TFE_Context context;
  private final PointerPointer<TFE_TensorHandle> outputs = new PointerPointer<>(MOST_OUTPUTS);
  private final IntPointer outputCount = new IntPointer(1);
  private long executions;

  EagerRuntime() {
    TFE_ContextOptions options = TFE_NewContextOptions();
    context = TFE_NewContext(options, status);
    TFE_DeleteContextOptions(options);
    status.throwExceptionIfNotOK();
  }

  /**
   * An op with its attributes, ready to be executed many times. Its native memory goes with {@link
   * #close}.
   */
  static final class Op implements AutoCloseable {
    private final String type;
    private final List<String> names = new ArrayList<>();
    private final List<BytePointer> values = new ArrayList<>();

    Op(NodeDef node) {
      type = node.getOp();
      for (Map.Entry<String, AttrValue> attribute : node.getAttrMap().entrySet()) {
        if (attribute.getKey().startsWith("_")) continue; // a note of the graph's, not the op's
        names.add(attribute.getKey());
        values.add(new BytePointer(attribute.getValue().toByteArray()));
      }
    }

    @Override
    public void close() {
      values.forEach(BytePointer::close);
    }
  }

  /** Executes an op; the caller frees what it returns. */
  List<TFE_TensorHandle> execute(Op op, List<TFE_TensorHandle> inputs) {
    TFE_Op call = TFE_NewOp(context, op.type, status);
    status.throwExceptionIfNotOK();
    try {
      for (int i = 0; i < op.names.size(); i++) {
        BytePointer value = op.values.get(i);
        TFE_OpSetAttrValueProto(call, op.names.get(i), value, value.limit(), status);
        status.throwExceptionIfNotOK();
      }
      for (TFE_TensorHandle input : inputs) {
        TFE_OpAddInput(call, input, status);
        status.throwExceptionIfNotOK();
      }
      outputCount.put(MOST_OUTPUTS);
      TFE_Execute(call, outputs, outputCount, status);
      executions++;
      status.throwExceptionIfNotOK();
    } finally {
      TFE_DeleteOp(call);
    }
    List<TFE_TensorHandle> handles = new ArrayList<>(outputCount.get());
    for (int i = 0; i < outputCount.get(); i++) {
      handles.add(new TFE_TensorHandle(outputs.get(i)));
    }
    return handles;
  }

  /** How many ops were executed so far. */
  long executions() {
    return executions;
  }

  /** Copies a host tensor in. */
  TFE_TensorHandle handle(HostTensor host) {
    DataType type = Tensors.dataType(host.type());
    TF_Tensor tensor =
        TF_Tensor.allocateTensor(type.getNumber(), host.shape().toArray(), host.data().byteSize());
    try {
      memory(tensor).copyFrom(host.data());
      TFE_TensorHandle handle = TFE_NewTensorHandle(tensor, status);
      status.throwExceptionIfNotOK();
      return handle;
    } finally {
      tensor.close();
    }
  }

  /** A host tensor over a handle's memory, without a copy where the tensor is on the host. */
  HostTensor host(TFE_TensorHandle handle) {
    TF_Tensor tensor = TFE_TensorHandleResolve(handle, status);
    status.throwExceptionIfNotOK();
    long[] shape = new long[TF_NumDims(tensor)];
    for (int i = 0; i < shape.length; i++) shape[i] = TF_Dim(tensor, i);
    return new HostTensor(
        Tensors.elementType(DataType.forNumber(TF_TensorType(tensor))),
        TensorShape.of(shape),
        memory(tensor),
        () -> TF_DeleteTensor(tensor));
  }

  /** Another handle on the same tensor. */
  TFE_TensorHandle share(TFE_TensorHandle handle) {
    TFE_TensorHandle shared = TFE_TensorHandleCopySharingTensor(handle, status);
    status.throwExceptionIfNotOK();
    return shared;
  }

  static void free(TFE_TensorHandle handle) {
    TFE_DeleteTensorHandle(handle);
  }

  @Override
  public void close() {
    TFE_DeleteContext(context);
    outputs.close();
    outputCount.close();
    status.close();
  }

  @SuppressWarnings("restricted")
  private static MemorySegment memory(TF_Tensor tensor) {
    long bytes = TF_TensorByteSize(tensor);
    if (bytes == 0) return MemorySegment.NULL;
    return MemorySegment.ofAddress(TF_TensorData(tensor).address()).reinterpret(bytes);
  }
}
