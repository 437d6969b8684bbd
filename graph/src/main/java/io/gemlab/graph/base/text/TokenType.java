package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.NearestName;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** How a token file keeps an id: unsigned, its lowest byte first. */
public enum TokenType {
  UINT16(2),
  UINT32(4);

  private static final int FITS_16_BITS = 1 << 16;

  private final int bytes;

  TokenType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of an id. */
  public int bytes() {
    return bytes;
  }

  /** As NumPy calls it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names of all. */
  public static List<String> labels() {
    return Stream.of(values()).map(TokenType::label).toList();
  }

  /**
   * A type by its name.
   *
   * @throws io.gemlab.graph.base.input.InvalidInput if there is no such type
   */
  public static TokenType named(String label) {
    return Stream.of(values())
        .filter(type -> type.label().equals(label))
        .findFirst()
        .orElseThrow(() -> NearestName.unknown("token type", label, labels()));
  }

  /** The smallest that holds all ids of a vocabulary. */
  public static TokenType of(int vocabularySize) {
    return vocabularySize <= FITS_16_BITS ? UINT16 : UINT32;
  }
}
