package io.gemlab.graph.runtime;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorShape;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.function.Predicate;
import org.tensorflow.Operand;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataStorageVisitor;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/** The bridge between TensorFlow's tensors and types and the host's. */
public final class Tensors {
  private record Known(Class<? extends TType> type, DataType dataType) {}

  private static final Map<ElementType, Known> KNOWN =
      Map.of(
          ElementType.F64, new Known(TFloat64.class, DataType.DT_DOUBLE),
          ElementType.F32, new Known(TFloat32.class, DataType.DT_FLOAT),
          ElementType.BF16, new Known(TBfloat16.class, DataType.DT_BFLOAT16),
          ElementType.F16, new Known(TFloat16.class, DataType.DT_HALF),
          ElementType.I64, new Known(TInt64.class, DataType.DT_INT64),
          ElementType.I32, new Known(TInt32.class, DataType.DT_INT32),
          ElementType.U8, new Known(TUint8.class, DataType.DT_UINT8),
          ElementType.BOOL, new Known(TBool.class, DataType.DT_BOOL));

  private Tensors() {}

  /** TensorFlow Java's type of an element type. */
  public static Class<? extends TType> type(ElementType type) {
    return known(type).type();
  }

  /** The element type of TensorFlow Java's. */
  public static ElementType elementType(Class<? extends TType> type) {
    return find(known -> known.type() == type, type.getSimpleName());
  }

  /** The type in GraphDef's terms. */
  public static DataType dataType(ElementType type) {
    return known(type).dataType();
  }

  /** The shape in GraphDef's terms. */
  public static AttrValue attribute(TensorShape shape) {
    return AttrValue.newBuilder().setShape(proto(shape)).build();
  }

  /** The shape as a tensor in a GraphDef has it. */
  public static TensorShapeProto proto(TensorShape shape) {
    TensorShapeProto.Builder proto = TensorShapeProto.newBuilder();
    for (long dimension : shape.dimensions()) {
      proto.addDim(TensorShapeProto.Dim.newBuilder().setSize(dimension));
    }
    return proto.build();
  }

  /** The element type of GraphDef's. */
  public static ElementType elementType(DataType type) {
    return find(known -> known.dataType() == type, type.name());
  }

  private static Known known(ElementType type) {
    Known known = KNOWN.get(type);
    if (known == null) {
      throw new IllegalArgumentException("TensorFlow Java has no " + type.label() + " tensors");
    }
    return known;
  }

  private static ElementType find(Predicate<Known> wanted, String name) {
    return KNOWN.entrySet().stream()
        .filter(entry -> wanted.test(entry.getValue()))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(name + " tensors have no place on the host"));
  }

  /**
   * An operand of a type that is known when tracing only.
   *
   * @throws IllegalArgumentException if it holds no floating-point numbers
   */
  public static Operand<? extends TFloating> floating(Operand<?> operand) {
    if (!TFloating.class.isAssignableFrom(operand.type())) {
      throw new IllegalArgumentException(
          operand.asOutput().op().name() + " is " + elementType(operand.type()).label());
    }
    return operand.asOutput().expect(operand.type().asSubclass(TFloating.class));
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
