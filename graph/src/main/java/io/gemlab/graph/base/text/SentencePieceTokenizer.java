package io.gemlab.graph.base.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.sentencepiece.SpTokenizer;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A {@code tokenizer.model}, encoded by Google's own SentencePiece. As there, user-defined pieces
 * such as {@code <start_of_turn>} are parsed wherever a text spells them, while control pieces such
 * as {@code <bos>} never are, and have no text.
 *
 * <p>Decoding is done here, by the pieces' kinds: DJL's binding hands text to Java as modified
 * UTF-8, which breaks every character beyond U+FFFF.
 */
public final class SentencePieceTokenizer implements Tokenizer {
  private static final long LARGEST_BYTES = 256L << 20;
  private static final char SPACE = '\u2581';

  /** The user-defined pieces of Gemma that steer the model; the others only spell text. */
  private static final Set<String> TURN_MARKERS = Set.of("<start_of_turn>", "<end_of_turn>");

  private final SentencePieceModel model;
  private final ControlTokens control;
  private final SpTokenizer library;
  private final NativeGuard guard;

  private SentencePieceTokenizer(Path file, byte[] bytes) {
    this.model = SentencePieceModel.parse(file, bytes);
    List<String> markers =
        model.pieces().stream()
            .map(SentencePieceModel.Piece::text)
            .filter(TURN_MARKERS::contains)
            .toList();
    this.control = ControlTokens.of(file, markers);
    this.library = load(file, bytes);
    this.guard = new NativeGuard(library::close);
  }

  /**
   * @throws InvalidInput if the file can't be read, is no model, or rewrites text before encoding
   *     it, as models unlike Gemma's do
   */
  public static SentencePieceTokenizer open(Path file) {
    try {
      long bytes = Files.size(file);
      if (bytes > LARGEST_BYTES) {
        throw new InvalidInput(
            file + " has " + bytes + " bytes, over the " + LARGEST_BYTES + " of a tokenizer.model");
      }
      return new SentencePieceTokenizer(file, Files.readAllBytes(file));
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }

  @Override
  public int vocabularySize() {
    return model.pieces().size();
  }

  @Override
  public SpecialIds specialIds() {
    return model.specialIds();
  }

  @Override
  public String piece(int id) {
    requireInVocabulary(id);
    return model.pieces().get(id).text();
  }

  @Override
  public int[] encode(String text) {
    String wellFormed = Utf8.wellFormed(text);
    return guard.use(() -> library.getProcessor().encode(wellFormed));
  }

  @Override
  public int[] encodeContent(String text) {
    return control.cut(text).stream().flatMapToInt(part -> Arrays.stream(encode(part))).toArray();
  }

  @Override
  public Set<String> controlTokens() {
    return control.spellings();
  }

  @Override
  public Set<String> addedTokens() {
    return model.pieces().stream()
        .filter(piece -> piece.kind() == SentencePieceModel.Kind.USER_DEFINED)
        .map(SentencePieceModel.Piece::text)
        .collect(Collectors.toSet());
  }

  @Override
  public String decode(int... ids) {
    requireInVocabulary(ids);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(4 * ids.length);
    for (int id : ids) {
      SentencePieceModel.Piece piece = model.pieces().get(id);
      switch (piece.kind()) {
        case NORMAL, USER_DEFINED, UNUSED ->
            bytes.writeBytes(piece.text().replace(SPACE, ' ').getBytes(UTF_8));
        case BYTE -> bytes.write(byteOf(piece.text()));
        case UNKNOWN -> bytes.writeBytes(model.unknownText().getBytes(UTF_8));
        case CONTROL -> {}
      }
    }
    return Utf8.decode(bytes.toByteArray());
  }

  @Override
  public void close() {
    guard.close();
  }

  private static SpTokenizer load(Path file, byte[] bytes) {
    Djl.stayOffline();
    try {
      return new SpTokenizer(bytes);
    } catch (RuntimeException e) {
      throw new InvalidInput(
          file + " is no SentencePiece model (" + e.getMessage() + "): fetch it again", e);
    }
  }

  /** 0x0A of {@code <0x0A>}; the library has checked that every byte piece is spelled so. */
  private static int byteOf(String piece) {
    return Integer.parseInt(piece.substring(3, 5), 16);
  }
}
