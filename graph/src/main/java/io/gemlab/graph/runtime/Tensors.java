package io.gemlab.graph.runtime;

import io.gemlab.graph.tensor.ElementType;
import io.gemlab.graph.tensor.HostTensor;
import io.gemlab.graph.tensor.TensorShape;
import java.lang.foreign.MemorySegment;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataStorageVisitor;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TType;

/** The bridge between TensorFlow's tensors and types and the host's. */
public final class Tensors {
  private Tensors() {}

  /** TensorFlow Java's type of an element type. */
  public static Class<? extends TType> type(ElementType type) {
    return switch (type) {
      case FLOAT64 -> TFloat64.class;
      case FLOAT32 -> TFloat32.class;
      case BFLOAT16 -> TBfloat16.class;
      case FLOAT16 -> TFloat16.class;
      case INT64 -> TInt64.class;
      case INT32 -> TInt32.class;
      case BOOL -> TBool.class;
    };
  }

  /** The element type of TensorFlow Java's. */
  public static ElementType elementType(Class<? extends TType> type) {
    for (ElementType candidate : ElementType.values()) {
      if (type(candidate) == type) return candidate;
    }
    throw new IllegalArgumentException(type.getSimpleName() + " tensors have no place on the host");
  }

  /** The type in GraphDef's terms. */
  public static DataType dataType(ElementType type) {
    return switch (type) {
      case FLOAT64 -> DataType.DT_DOUBLE;
      case FLOAT32 -> DataType.DT_FLOAT;
      case BFLOAT16 -> DataType.DT_BFLOAT16;
      case FLOAT16 -> DataType.DT_HALF;
      case INT64 -> DataType.DT_INT64;
      case INT32 -> DataType.DT_INT32;
      case BOOL -> DataType.DT_BOOL;
    };
  }

  public static Shape shape(TensorShape shape) {
    return Shape.of(shape.toArray());
  }

  public static TensorShape shape(Shape shape) {
    return TensorShape.of(shape.asArray());
  }

  /** Copies a host tensor into TensorFlow's memory; the caller closes the copy. */
  public static Tensor copy(HostTensor host) {
    Tensor tensor = Tensor.of(type(host.type()), shape(host.shape()));
    if (host.data().byteSize() > 0) memory(tensor).copyFrom(host.data());
    return tensor;
  }

  /** A host tensor over TensorFlow's own memory, without a copy; closing it closes the tensor. */
  public static HostTensor view(Tensor tensor) {
    return new HostTensor(
        elementType(tensor.asRawTensor().dataType()),
        shape(tensor.shape()),
        memory(tensor),
        tensor::close);
  }

  private static ElementType elementType(DataType type) {
    for (ElementType candidate : ElementType.values()) {
      if (dataType(candidate) == type) return candidate;
    }
    throw new IllegalArgumentException(type + " tensors have no place on the host");
  }

  /** The bytes behind a tensor; valid until it is closed. */
  @SuppressWarnings("restricted")
  private static MemorySegment memory(Tensor tensor) {
    long bytes = tensor.numBytes();
    if (bytes == 0) return MemorySegment.NULL;
    long address = tensor.asRawTensor().data().accept(new Address());
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  /** Where a buffer of native memory begins. */
  private static final class Address implements DataStorageVisitor<Long> {
    @Override
    public Long visit(long address, long length, long scale) {
      return address;
    }

    @Override
    public Long fallback() {
      throw new IllegalStateException("TensorFlow gave a tensor outside native memory");
    }
  }
}
