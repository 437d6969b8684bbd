package io.gemlab.graph.base.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

  /**
   * The same tokenizer as Hugging Face's libraries read it: a {@code tokenizer.json} of BPE over
   * bytes without merges, BOS in front of every text.
   */
  public static String json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    ObjectNode vocabulary = JsonNodeFactory.instance.objectNode();
    for (int id = 0; id < SPECIAL.size(); id++) {
      vocabulary.put(SPECIAL.get(id), id);
      ObjectNode token = added.addObject().put("id", id).put("content", SPECIAL.get(id));
      for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
        token.put(flag, false);
      }
      token.put("special", true);
    }
    json.putNull("normalizer");
    json.set("pre_tokenizer", byteLevel());
    json.set("post_processor", bosInFront());
    json.set("decoder", byteLevel());
    int others = BYTES;
    for (int b = 0; b < BYTES; b++) {
      // ByteLevel spells printable bytes of Latin-1 as themselves, the others from U+0100 on.
      boolean printable = b > 32 && b < 127 || b > 160 && b != 173;
      int spelled = printable ? b : others++;
      vocabulary.put(Character.toString(spelled), SPECIAL.size() + b);
    }
    ObjectNode model = json.putObject("model").put("type", "BPE");
    model.putNull("dropout").put("unk_token", "<unk>");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    model.set("vocab", vocabulary);
    model.putArray("merges");
    return json.toPrettyString() + "\n";
  }

  private static ObjectNode byteLevel() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", false);
  }

  private static ObjectNode bosInFront() {
    ObjectNode template = JsonNodeFactory.instance.objectNode().put("type", "TemplateProcessing");
    for (String kind : List.of("single", "pair")) {
      ArrayNode parts = template.putArray(kind);
      for (String text : kind.equals("single") ? List.of("A") : List.of("A", "B")) {
        parts.addObject().putObject("SpecialToken").put("id", "<bos>").put("type_id", 0);
        parts.addObject().putObject("Sequence").put("id", text).put("type_id", 0);
      }
    }
    ObjectNode bos = template.putObject("special_tokens").putObject("<bos>").put("id", "<bos>");
    bos.putArray("ids").add(SPECIAL.indexOf("<bos>"));
    bos.putArray("tokens").add("<bos>");
    return template;
  }

  /** Does nothing: there is nothing to free. */
  @Override
  public void close() {}
}
