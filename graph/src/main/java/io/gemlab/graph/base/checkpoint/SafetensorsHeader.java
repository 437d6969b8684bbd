package io.gemlab.graph.base.checkpoint;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.SyntaxProblem;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A safetensors header, read as if its writer were hostile: every number is checked before anything
 * is made of it, and the tensors have to tile the data without a hole or an overlap.
 *
 * @param tensors by name, in the order of their data
 * @param metadata the file's {@code __metadata__}; empty where it has none
 */
record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
  static final String METADATA = "__metadata__";

  private static final int LARGEST_RANK = 32;
  private static final int MOST_TENSORS = 1_000_000;
  private static final String REMEDY = "; the file is damaged: fetch or write it again";
  private static final Set<String> TENSOR_KEYS = Set.of("dtype", "shape", "data_offsets");

  // Names are not shared between files, so Jackson's symbol tables would only cost memory here.
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(4).maxNumberLength(30).build())
          .build();

  SafetensorsHeader {
    tensors = Collections.unmodifiableMap(tensors);
    metadata = Collections.unmodifiableMap(metadata);
  }

  /**
   * Parses the JSON of a header.
   *
   * @param file named in messages only
   * @param json exactly the header's characters
   * @param dataStart where the data starts, in bytes from the start of the file
   * @param dataSize how many bytes of data follow
   * @throws InvalidInput for anything the format does not allow
   */
  static SafetensorsHeader parse(Path file, Reader json, long dataStart, long dataSize) {
    try (JsonParser parser = JSON.createParser(json)) {
      Parse parse = new Parse(file, parser, dataStart, dataSize);
      parse.header();
      return new SafetensorsHeader(parse.tiled(), parse.metadata);
    } catch (CharacterCodingException e) {
      throw new InvalidInput(file + ": the header is not UTF-8" + REMEDY, e);
    } catch (JsonProcessingException e) {
      throw new InvalidInput(
          file + ": the header is not valid JSON: " + SyntaxProblem.of(e) + REMEDY, e);
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }

  /** One pass over one header. */
  private static final class Parse {
    private final Path file;
    private final JsonParser parser;
    private final long dataStart;
    private final long dataSize;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private Map<String, String> metadata;

    Parse(Path file, JsonParser parser, long dataStart, long dataSize) {
      this.file = file;
      this.parser = parser;
      this.dataStart = dataStart;
      this.dataSize = dataSize;
    }

    void header() throws IOException {
      expect(parser.nextToken(), JsonToken.START_OBJECT, "the header");
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals(METADATA)) {
          if (metadata != null) throw refused(METADATA + " comes twice");
          metadata = strings();
        } else if (tensors.putIfAbsent(name, tensor(name)) != null) {
          throw refused("tensor " + shown(name) + " comes twice");
        } else if (tensors.size() > MOST_TENSORS) {
          throw refused("the header lists over " + MOST_TENSORS + " tensors");
        }
      }
      if (parser.nextToken() != null) {
        throw refused("the header goes on after its object, with " + shown(parser.getText()));
      }
      if (metadata == null) metadata = Map.of();
    }

    private Map<String, String> strings() throws IOException {
      expect(parser.currentToken(), JsonToken.START_OBJECT, METADATA);
      Map<String, String> strings = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        expect(parser.nextToken(), JsonToken.VALUE_STRING, METADATA + " " + shown(key));
        if (strings.put(key, parser.getText()) != null) {
          throw refused(METADATA + " has " + shown(key) + " twice");
        }
      }
      return strings;
    }

    private TensorInfo tensor(String name) throws IOException {
      String where = "tensor " + shown(name);
      expect(parser.currentToken(), JsonToken.START_OBJECT, where);
      ElementType type = null;
      TensorShape shape = null;
      List<Long> offsets = null;
      Set<String> missing = new TreeSet<>(TENSOR_KEYS);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        parser.nextToken();
        if (!missing.remove(key)) {
          String problem = TENSOR_KEYS.contains(key) ? " twice" : ", which is not a tensor's";
          throw refused(where + " has " + shown(key) + problem);
        }
        switch (key) {
          case "dtype" -> type = type(where);
          case "shape" -> shape = new TensorShape(numbers(where + " shape", LARGEST_RANK));
          default -> offsets = numbers(where + " data_offsets", 2);
        }
      }
      if (!missing.isEmpty()) throw refused(where + " lacks " + missing);
      return placed(name, type, shape, offsets);
    }

    private ElementType type(String where) throws IOException {
      expect(parser.currentToken(), JsonToken.VALUE_STRING, where + " dtype");
      String code = parser.getText();
      return ElementType.of(code)
          .orElseThrow(
              () ->
                  new InvalidInput(
                      "%s: %s has the unknown dtype %s; known are %s: convert the tensor"
                          .formatted(file, where, shown(code), List.of(ElementType.values()))));
    }

    private List<Long> numbers(String where, int most) throws IOException {
      expect(parser.currentToken(), JsonToken.START_ARRAY, where);
      List<Long> numbers = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (numbers.size() == most) throw refused(where + " has over " + most + " numbers");
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
            || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            || parser.getLongValue() < 0) {
          throw refused(
              where + " holds " + shown(parser.getText()) + " where an integer >= 0 is wanted");
        }
        numbers.add(parser.getLongValue());
      }
      return numbers;
    }

    private TensorInfo placed(
        String name, ElementType type, TensorShape shape, List<Long> offsets) {
      String where = "tensor " + shown(name);
      if (offsets.size() != 2) {
        throw refused(where + " data_offsets " + offsets + " are not two numbers");
      }
      long begin = offsets.getFirst();
      long end = offsets.getLast();
      if (begin > end || end > dataSize) {
        throw refused(
            where + " data_offsets " + offsets + " don't lie within " + dataSize + " data bytes");
      }
      long bytes;
      try {
        bytes = TensorInfo.byteSize(type, shape);
      } catch (ArithmeticException e) {
        throw refused(where + " shape " + shape + " of " + type + " is over 2^63 - 1 bytes");
      }
      if (bytes != end - begin) {
        throw refused(
            "%s data_offsets %s are %d bytes, but shape %s of %s takes %d"
                .formatted(where, offsets, end - begin, shape, type, bytes));
      }
      return new TensorInfo(name, type, shape, dataStart + begin, bytes);
    }

    /** The tensors in the order of their data, which they must cover exactly. */
    Map<String, TensorInfo> tiled() {
      List<TensorInfo> ordered = new ArrayList<>(tensors.values());
      ordered.sort(
          Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::byteSize));
      Map<String, TensorInfo> tiled = LinkedHashMap.newLinkedHashMap(ordered.size());
      long next = dataStart;
      for (TensorInfo tensor : ordered) {
        if (tensor.offset() != next) {
          throw refused(
              "tensor %s starts at data byte %d where %d is wanted: %s"
                  .formatted(
                      shown(tensor.name()),
                      tensor.offset() - dataStart,
                      next - dataStart,
                      tensor.offset() < next ? "it overlaps another" : "there is a hole"));
        }
        next += tensor.byteSize();
        tiled.put(tensor.name(), tensor);
      }
      if (next != dataStart + dataSize) {
        throw refused(
            "the tensors take %d bytes of data, but the file holds %d"
                .formatted(next - dataStart, dataSize));
      }
      return tiled;
    }

    private void expect(JsonToken seen, JsonToken wanted, String where) throws IOException {
      if (seen == wanted) return;
      String found = seen == null ? "nothing" : shown(parser.getText());
      String kind =
          switch (wanted) {
            case START_OBJECT -> "an object {...}";
            case START_ARRAY -> "a list [...]";
            default -> "a text";
          };
      throw refused(where + " is " + found + " where " + kind + " is wanted");
    }

    private InvalidInput refused(String problem) {
      return new InvalidInput(file + ": " + problem + REMEDY);
    }
  }
}
