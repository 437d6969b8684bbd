package io.gemlab.graph.base.tensor;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Supplier;

/**
 * A piece of a tensor that is kept somewhere, such as a device's share.
 *
 * @param place which part of the tensor it is
 * @param value copies it to the host, or shows it where it lies
 */
public record TensorPiece(TensorSlice place, Supplier<HostTensor> value) {

  /** A tensor that is kept whole. */
  public static TensorPiece whole(TensorShape shape, Supplier<HostTensor> value) {
    return new TensorPiece(TensorSlice.all(shape), value);
  }

  /** The piece on the host; the caller closes it. */
  public HostTensor read() {
    return value.get();
  }

  /**
   * The tensor of its pieces, each of which is read once.
   *
   * @param pieces all of them
   * @return the caller closes it
   */
  public static HostTensor join(List<TensorPiece> pieces) {
    if (pieces.size() == 1) return pieces.getFirst().read();
    HostTensor joined = null;
    try {
      for (TensorPiece piece : pieces) {
        try (HostTensor part = piece.read()) {
          if (joined == null) joined = HostTensor.allocate(part.type(), piece.place.whole());
          MemorySegment into = joined.data();
          long bytes = part.type().byteSize();
          piece.place.runs(
              (inWhole, inPiece, elements) ->
                  MemorySegment.copy(
                      part.data(), inPiece * bytes, into, inWhole * bytes, elements * bytes));
        }
      }
      return joined;
    } catch (RuntimeException e) {
      if (joined != null) joined.close();
      throw e;
    }
  }
}
