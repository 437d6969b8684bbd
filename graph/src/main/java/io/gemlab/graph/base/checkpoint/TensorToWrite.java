package io.gemlab.graph.base.checkpoint;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorPiece;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSlice;
import io.gemlab.graph.base.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A tensor on its way into a safetensors file, in one part or in several; it is read once. */
public final class TensorToWrite {
  private final TensorSpec spec;
  private final List<Part> parts;

  /** Elements somewhere, to be had while they are open, in the type that the file stores. */
  @FunctionalInterface
  interface Elements extends AutoCloseable {
    /**
     * @param first index of the first, in a source that has an order of its own none but the next
     * @param target whole elements, as they are stored
     * @param scratch 4 bytes for each of them, free to use
     */
    void read(long first, MemorySegment target, MemorySegment scratch);

    @Override
    default void close() {}
  }

  /** Opens elements: once for all the parts of a file that are of them. */
  @FunctionalInterface
  interface Source {
    Elements open();
  }

  /**
   * A part of a tensor.
   *
   * @param place which
   * @param source where its elements are, row-major
   * @param first the source's first element that is of it
   */
  record Part(TensorSlice place, Source source, long first) {}

  private TensorToWrite(TensorSpec spec, List<Part> parts) {
    if (spec.name().equals(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException(
          spec.name() + " is no name for a tensor: the format keeps it");
    }
    this.spec = spec;
    this.parts = List.copyOf(parts);
  }

  private TensorToWrite(TensorSpec spec, Source source) {
    this(spec, List.of(new Part(TensorSlice.all(spec.shape()), source, 0)));
  }

  /**
   * A tensor of floating-point numbers.
   *
   * @param name its name in the file
   * @param type what it is stored as: F32, BF16 or F16
   * @param shape its dimensions, outermost first; empty for a scalar
   * @param values the float32 values that are stored, rounded to {@code type}
   */
  public TensorToWrite(String name, ElementType type, TensorShape shape, Float32Stream values) {
    this(
        new TensorSpec(name, type, shape),
        () ->
            (_, target, float32) -> {
              values.next(float32);
              FloatConversion.fromFloat32(type, float32, target);
            });
    if (!FloatConversion.STORED.contains(type)) {
      throw new IllegalArgumentException(
          "Tensor %s can't be stored as %s: choose one of %s"
              .formatted(name, type, FloatConversion.STORED));
    }
  }

  /**
   * A tensor of any type, stored bit for bit.
   *
   * @param value open until it is written
   */
  public static TensorToWrite exactly(String name, HostTensor value) {
    TensorSpec spec = new TensorSpec(name, value.type(), value.shape());
    return new TensorToWrite(spec, () -> new Stored(value, value.type(), () -> {}));
  }

  /**
   * A tensor that lies in pieces, each of which is in host memory only while it is written.
   *
   * @param spec as the file has it: in the type of the pieces, bit for bit, or floating-point
   *     numbers of another type
   * @param pieces all of it
   */
  public static TensorToWrite of(TensorSpec spec, List<TensorPiece> pieces) {
    List<Part> parts = new ArrayList<>();
    for (TensorPiece piece : pieces) {
      parts.add(new Part(piece.place(), source(piece, spec.type()), 0));
    }
    return new TensorToWrite(spec, parts);
  }

  /**
   * Tensors that are stacked along a first dimension and lie in pieces of the stack, as {@link
   * #of}.
   *
   * @param specs in the stack's order, all of one type
   * @param pieces all of the stack
   */
  public static List<TensorToWrite> unstacked(List<TensorSpec> specs, List<TensorPiece> pieces) {
    ElementType type = specs.getFirst().type();
    List<List<Part>> parts = new ArrayList<>();
    specs.forEach(_ -> parts.add(new ArrayList<>()));
    for (TensorPiece piece : pieces) {
      Source source = source(piece, type);
      for (int i = 0; i < specs.size(); i++) {
        List<Part> ofTensor = parts.get(i);
        long before = i - piece.place().first().getFirst();
        piece
            .place()
            .unstacked(i)
            .ifPresent(
                place -> ofTensor.add(new Part(place, source, before * place.shape().elements())));
      }
    }
    List<TensorToWrite> tensors = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      tensors.add(new TensorToWrite(specs.get(i), parts.get(i)));
    }
    return tensors;
  }

  private static Source source(TensorPiece piece, ElementType type) {
    return () -> {
      HostTensor value = piece.read();
      return new Stored(value, type, value::close);
    };
  }

  /** Elements in host memory, stored as another type or bit for bit. */
  private record Stored(HostTensor value, ElementType type, Runnable release) implements Elements {
    @Override
    public void read(long first, MemorySegment target, MemorySegment scratch) {
      long bytes = value.type().byteSize();
      MemorySegment from =
          value.data().asSlice(first * bytes, target.byteSize() / type.byteSize() * bytes);
      if (value.type() == type) {
        target.copyFrom(from);
      } else {
        FloatConversion.toFloat32(value.type(), from, scratch);
        FloatConversion.fromFloat32(type, scratch, target);
      }
    }

    @Override
    public void close() {
      release.run();
    }
  }

  /** The same under another name: its elements are read once all the same. */
  public TensorToWrite named(String other) {
    return new TensorToWrite(new TensorSpec(other, spec.type(), spec.shape()), parts);
  }

  /** Its name in the file. */
  public String name() {
    return spec.name();
  }

  /** What it is stored as. */
  public ElementType type() {
    return spec.type();
  }

  /** Its dimensions, outermost first; empty for a scalar. */
  public TensorShape shape() {
    return spec.shape();
  }

  /** The bytes that it takes in the file. */
  public long byteSize() {
    return spec.bytes();
  }

  TensorSpec spec() {
    return spec;
  }

  /** What it is made of. */
  List<Part> parts() {
    return parts;
  }
}
