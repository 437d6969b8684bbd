package io.gemlab.graph.base.text;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What is read of a {@code tokenizer.model} beside what the native library reads: every piece with
 * its kind, the special pieces, and whether text reaches the pieces unchanged.
 *
 * @param pieces the vocabulary, by id
 * @param specialIds pad, eos, bos and unk, where the model has them
 * @param unknownText what the unknown piece is decoded to
 * @see <a href="https://github.com/google/sentencepiece/blob/v0.2.0/src/sentencepiece_model.proto">
 *     sentencepiece_model.proto, whose field numbers these are</a>
 */
record SentencePieceModel(List<Piece> pieces, SpecialIds specialIds, String unknownText) {
  /** How a piece takes part; the constants stand in the order of the numbers 1 to 6. */
  enum Kind {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE
  }

  record Piece(String text, Kind kind) {}

  SentencePieceModel {
    pieces = List.copyOf(pieces);
  }

  /**
   * @throws InvalidInput if {@code bytes} is no model, or one that doesn't leave text as it is
   */
  static SentencePieceModel parse(Path file, byte[] bytes) {
    Parse parse = new Parse(file);
    try {
      parse.message(CodedInputStream.newInstance(bytes), parse::modelField);
    } catch (IOException e) {
      throw new InvalidInput(
          file + " is no SentencePiece model (" + e.getMessage() + "): fetch it again", e);
    }
    return parse.model();
  }

  /** Reads one field's value; whatever it leaves is skipped. */
  private interface Field {
    boolean read(int number, CodedInputStream in) throws IOException;
  }

  private static final class Parse {
    private final Path file;
    private final List<Piece> pieces = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private String normalizer = "";
    private boolean hasCharsMap;
    // The format's own defaults, all of which a model as Gemma's sets to the contrary.
    private boolean addDummyPrefix = true;
    private boolean removeExtraWhitespaces = true;
    private boolean escapeWhitespaces = true;
    private boolean whitespaceAsSuffix;
    private String unknownText = " \u2047 ";
    private String eosPiece = "</s>";
    private String bosPiece = "<s>";
    private String padPiece = "<pad>";
    private String text;
    private Kind kind;

    Parse(Path file) {
      this.file = file;
    }

    void message(CodedInputStream in, Field field) throws IOException {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (!field.read(WireFormat.getTagFieldNumber(tag), in)) in.skipField(tag);
      }
    }

    private void nested(CodedInputStream in, Field field) throws IOException {
      int outer = in.pushLimit(in.readRawVarint32());
      message(in, field);
      in.popLimit(outer);
    }

    boolean modelField(int number, CodedInputStream in) throws IOException {
      switch (number) {
        case 1 -> piece(in);
        case 2 -> nested(in, this::trainerField);
        case 3 -> nested(in, this::normalizerField);
        default -> {
          return false;
        }
      }
      return true;
    }

    private void piece(CodedInputStream in) throws IOException {
      text = "";
      kind = Kind.NORMAL;
      nested(in, this::pieceField);
      if (text.isEmpty() || ids.putIfAbsent(text, pieces.size()) != null) {
        throw refused(
            "piece %d, %s, is empty or not the first of its spelling"
                .formatted(pieces.size(), shown(text)));
      }
      pieces.add(new Piece(text, kind));
    }

    private boolean pieceField(int number, CodedInputStream in) throws IOException {
      switch (number) {
        case 1 -> text = in.readStringRequireUtf8();
        case 3 -> kind = kind(in.readEnum());
        default -> {
          return false;
        }
      }
      return true;
    }

    private Kind kind(int number) {
      if (number >= 1 && number <= Kind.values().length) return Kind.values()[number - 1];
      throw refused("piece %d is of the unknown kind %d".formatted(pieces.size(), number));
    }

    private boolean trainerField(int number, CodedInputStream in) throws IOException {
      switch (number) {
        case 24 -> whitespaceAsSuffix = in.readBool();
        case 44 -> unknownText = in.readStringRequireUtf8();
        case 46 -> bosPiece = in.readStringRequireUtf8();
        case 47 -> eosPiece = in.readStringRequireUtf8();
        case 48 -> padPiece = in.readStringRequireUtf8();
        default -> {
          return false;
        }
      }
      return true;
    }

    private boolean normalizerField(int number, CodedInputStream in) throws IOException {
      switch (number) {
        case 1 -> normalizer = in.readStringRequireUtf8();
        case 2 -> hasCharsMap = !in.readBytes().isEmpty();
        case 3 -> addDummyPrefix = in.readBool();
        case 4 -> removeExtraWhitespaces = in.readBool();
        case 5 -> escapeWhitespaces = in.readBool();
        default -> {
          return false;
        }
      }
      return true;
    }

    SentencePieceModel model() {
      if (pieces.isEmpty()) throw refused("it has no pieces");
      if (hasCharsMap
          || addDummyPrefix
          || removeExtraWhitespaces
          || !escapeWhitespaces
          || whitespaceAsSuffix) {
        throw new InvalidInput(
            "%s rewrites text before it is encoded (normalizer %s); a model as Gemma's, which"
                    .formatted(file, shown(normalizer))
                + " only escapes spaces, is wanted: use the model's tokenizer.json instead");
      }
      OptionalInt unk =
          pieces.stream()
              .filter(piece -> piece.kind() == Kind.UNKNOWN)
              .mapToInt(piece -> ids.get(piece.text()))
              .findFirst();
      SpecialIds specialIds =
          new SpecialIds(control(padPiece), control(eosPiece), control(bosPiece), unk);
      return new SentencePieceModel(pieces, specialIds, unknownText);
    }

    private OptionalInt control(String piece) {
      Integer id = ids.get(piece);
      return id != null && pieces.get(id).kind() == Kind.CONTROL
          ? OptionalInt.of(id)
          : OptionalInt.empty();
    }

    private InvalidInput refused(String problem) {
      return new InvalidInput(file + " is no SentencePiece model: " + problem + "; fetch it again");
    }
  }
}
