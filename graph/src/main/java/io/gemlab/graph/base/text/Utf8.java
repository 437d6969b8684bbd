package io.gemlab.graph.base.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** UTF-8 as SentencePiece treats it. */
final class Utf8 {
  static final char REPLACEMENT = '\ufffd';

  private Utf8() {}

  /** {@code text} with U+FFFD for every unpaired surrogate. */
  static String wellFormed(String text) {
    if (text.chars().noneMatch(c -> Character.isSurrogate((char) c))) return text;
    StringBuilder fixed = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> Character.getType(c) == Character.SURROGATE ? REPLACEMENT : c)
        .forEach(fixed::appendCodePoint);
    return fixed.toString();
  }

  /** The text of {@code bytes}, with one U+FFFD for every byte that belongs to no character. */
  static String decode(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (result.isUnderflow()) return out.flip().toString();
      for (int i = 0; i < result.length(); i++) {
        in.get();
        out.put(REPLACEMENT);
      }
      decoder.reset();
    }
  }
}
