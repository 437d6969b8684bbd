package io.gemlab.graph.base.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A {@code tokenizer.json}, read by Hugging Face's own library. Its special tokens are parsed
 * wherever a text spells them; which of them is BOS and so on is in {@code tokenizer_config.json}
 * beside it, or else they are called as Gemma calls them.
 *
 * <p>Truncation and padding that the file may ask for are switched off: every text keeps all its
 * tokens.
 */
public final class HuggingFaceTokenizer implements Tokenizer {
  private static final long LARGEST_BYTES = 256L << 20;

  private final Path file;
  private final String[] pieces;
  private final SpecialIds specialIds;
  private final ControlTokens control;
  private final Set<String> added;
  private final Set<Integer> controlIds;
  private final long handle;
  private final NativeGuard guard;

  private HuggingFaceTokenizer(Path file, String json) {
    this.file = file;
    TokenizerJson parsed = TokenizerJson.parse(file, json);
    this.pieces = parsed.pieces();
    this.specialIds = specialIds(file);
    this.control = ControlTokens.of(file, parsed.special());
    this.added = parsed.added();
    this.controlIds =
        IntStream.range(0, pieces.length)
            .filter(id -> control.spellings().contains(pieces[id]))
            // The unknown token steers nothing: it is what a text without its spelling may give.
            .filter(id -> specialIds.unk().isEmpty() || id != specialIds.unk().getAsInt())
            .boxed()
            .collect(Collectors.toSet());
    this.handle = load(file, json);
    this.guard = new NativeGuard(() -> TokenizersLibrary.LIB.deleteTokenizer(handle));
    TokenizersLibrary.LIB.disableTruncation(handle);
    TokenizersLibrary.LIB.disablePadding(handle);
  }

  /**
   * @throws InvalidInput if the file can't be read or is no tokenizer
   */
  public static HuggingFaceTokenizer open(Path file) {
    try {
      long bytes = Files.size(file);
      if (bytes > LARGEST_BYTES) {
        throw new InvalidInput(
            file + " has " + bytes + " bytes, over the " + LARGEST_BYTES + " of a tokenizer.json");
      }
      return new HuggingFaceTokenizer(file, JsonFile.withoutByteOrderMark(Files.readString(file)));
    } catch (CharacterCodingException e) {
      throw new InvalidInput(file + " is not UTF-8: fetch it again", e);
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }

  @Override
  public int vocabularySize() {
    return pieces.length;
  }

  @Override
  public SpecialIds specialIds() {
    return specialIds;
  }

  @Override
  public String piece(int id) {
    requireInVocabulary(id);
    return pieces[id];
  }

  @Override
  public int[] encode(String text) {
    return encode(text, false);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The file's post-processor says it, and {@code add_bos_token} in the file beside it does not.
   */
  @Override
  public boolean putsBosInFront() {
    int[] ids = encode("", true);
    return ids.length > 0 && specialIds.bos().isPresent() && ids[0] == specialIds.bos().getAsInt();
  }

  private int[] encode(String text, boolean addSpecialTokens) {
    String wellFormed = Utf8.wellFormed(text);
    return guard.use(
        () -> {
          long encoding = TokenizersLibrary.LIB.encode(handle, wellFormed, addSpecialTokens);
          try {
            return Arrays.stream(TokenizersLibrary.LIB.getTokenIds(encoding))
                .mapToInt(Math::toIntExact)
                .toArray();
          } finally {
            TokenizersLibrary.LIB.deleteEncoding(encoding);
          }
        });
  }

  /**
   * {@inheritDoc}
   *
   * @throws InvalidInput if the tokenizer rewrites a text so that a control token arises in it,
   *     which Gemma's does not
   */
  @Override
  public int[] encodeContent(String text) {
    int[] ids =
        control.cut(text).stream().flatMapToInt(part -> Arrays.stream(encode(part))).toArray();
    for (int id : ids) {
      if (controlIds.contains(id)) {
        throw new InvalidInput(
            "%s makes the control token %s of text that doesn't spell it: use Gemma's tokenizer"
                .formatted(file, pieces[id]));
      }
    }
    return ids;
  }

  @Override
  public Set<String> controlTokens() {
    return control.spellings();
  }

  @Override
  public Set<String> addedTokens() {
    return added;
  }

  @Override
  public String decode(int... ids) {
    requireInVocabulary(ids);
    long[] longIds = Arrays.stream(ids).asLongStream().toArray();
    return guard.use(() -> TokenizersLibrary.LIB.decode(handle, longIds, false));
  }

  @Override
  public void close() {
    guard.close();
  }

  private static long load(Path file, String json) {
    Djl.stayOffline();
    LibUtils.checkStatus();
    try {
      return TokenizersLibrary.LIB.createTokenizerFromString(json);
    } catch (RuntimeException e) {
      throw new InvalidInput(
          file + " is no tokenizer.json (" + e.getMessage() + "): fetch it again", e);
    }
  }

  private SpecialIds specialIds(Path file) {
    Path configFile = file.resolveSibling("tokenizer_config.json");
    JsonNode config =
        Files.exists(configFile) ? JsonFile.readPython(configFile) : MissingNode.getInstance();
    List<String> all = Arrays.asList(pieces);
    return new SpecialIds(
        special(all, config, "pad"),
        special(all, config, "eos"),
        special(all, config, "bos"),
        special(all, config, "unk"));
  }

  /** {@code "bos_token"} is a text, an object with a {@code "content"}, null or absent. */
  private static OptionalInt special(List<String> pieces, JsonNode config, String name) {
    JsonNode token = config.path(name + "_token");
    JsonNode spelling = token.isObject() ? token.path("content") : token;
    int id = pieces.indexOf(spelling.isTextual() ? spelling.textValue() : "<" + name + ">");
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }
}
