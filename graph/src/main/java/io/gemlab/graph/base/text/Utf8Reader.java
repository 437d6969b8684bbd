package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * The characters of a UTF-8 stream, block by block. A byte that belongs to no character is refused
 * with its offset; a byte order mark in front is not text and is left out.
 */
final class Utf8Reader {
  private static final int BLOCK = 1 << 16;

  private final String name;
  private final InputStream stream;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final ByteBuffer bytes = ByteBuffer.allocate(BLOCK);
  private final CharBuffer chars = CharBuffer.allocate(BLOCK);

  /** How many bytes were read before those in the buffer. */
  private long passed;

  private boolean started;
  private boolean ended;

  /**
   * @param name of the stream, for messages
   * @param stream stays open
   */
  Utf8Reader(String name, InputStream stream) {
    this.name = name;
    this.stream = stream;
  }

  String name() {
    return name;
  }

  /**
   * Appends the next characters to {@code target}.
   *
   * @return whether there may be more
   * @throws InvalidInput if the bytes are not UTF-8
   */
  boolean readBlock(StringBuilder target) throws IOException {
    while (!ended && bytes.hasRemaining()) {
      int read = stream.read(bytes.array(), bytes.position(), bytes.remaining());
      if (read < 0) ended = true;
      else bytes.position(bytes.position() + read);
    }
    bytes.flip();
    CoderResult result = decoder.decode(bytes, chars, ended);
    if (result.isError()) throw malformed();
    passed += bytes.position();
    bytes.compact();
    chars.flip();
    if (!started && chars.hasRemaining() && chars.get(0) == '\ufeff') chars.get();
    started = true;
    target.append(chars);
    chars.clear();
    return !ended;
  }

  private InvalidInput malformed() {
    int seen = bytes.get(bytes.position()) & 0xff;
    return new InvalidInput(
        "%s is not UTF-8: byte 0x%02X at offset %d belongs to no character; convert the file to UTF-8"
            .formatted(name, seen, passed + bytes.position()));
  }
}
