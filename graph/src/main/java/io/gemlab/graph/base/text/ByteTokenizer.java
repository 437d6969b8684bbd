package io.gemlab.graph.base.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One token a byte of UTF-8, for training without a trained vocabulary. Ids 0 to 3 are Gemma's pad,
 * eos, bos and unk; byte b is 4 + b; 260 in all. No text spells a special token, and none has a
 * text.
 */
public final class ByteTokenizer implements Tokenizer {
  private static final List<String> SPECIAL = List.of("<pad>", "<eos>", "<bos>", "<unk>");
  private static final int BYTES = 256;

  @Override
  public int vocabularySize() {
    return SPECIAL.size() + BYTES;
  }

  @Override
  public SpecialIds specialIds() {
    return new SpecialIds(
        OptionalInt.of(0), OptionalInt.of(1), OptionalInt.of(2), OptionalInt.of(3));
  }

  @Override
  public String piece(int id) {
    requireInVocabulary(id);
    return id < SPECIAL.size() ? SPECIAL.get(id) : "<0x%02X>".formatted(id - SPECIAL.size());
  }

  @Override
  public int[] encode(String text) {
    byte[] bytes = Utf8.wellFormed(text).getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) ids[i] = SPECIAL.size() + (bytes[i] & 0xff);
    return ids;
  }

  @Override
  public int[] encodeContent(String text) {
    return encode(text);
  }

  @Override
  public Set<String> controlTokens() {
    return Set.of();
  }

  @Override
  public Set<String> addedTokens() {
    return Set.of();
  }

  @Override
  public String decode(int... ids) {
    requireInVocabulary(ids);
    int[] spelled = Arrays.stream(ids).filter(id -> id >= SPECIAL.size()).toArray();
    byte[] bytes = new byte[spelled.length];
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (spelled[i] - SPECIAL.size());
    return Utf8.decode(bytes);
  }

  /** Does nothing: there is nothing to free. */
  @Override
  public void close() {}
}
