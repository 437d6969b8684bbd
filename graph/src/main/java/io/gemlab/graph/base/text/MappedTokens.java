package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.GitLfs;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.LongStream;

/** The ids of a token file, mapped: however many there are, none is in the heap. */
public final class MappedTokens implements TokenIds, AutoCloseable {
  private static final ValueLayout.OfShort UINT16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt UINT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final Optional<TokenFileHeader> header;
  private final TokenType type;
  private final Arena arena;
  private final MemorySegment ids;

  private MappedTokens(
      Path file, Optional<TokenFileHeader> header, TokenType type, Arena arena, MemorySegment ids) {
    this.file = file;
    this.header = header;
    this.type = type;
    this.arena = arena;
    this.ids = ids;
  }

  /**
   * Maps a file.
   *
   * @param type of the ids of a file without a header
   * @throws InvalidInput if it can't be read, is not of whole ids, has fewer or more than its
   *     header says, or is of a type that isn't known or is another than its header's
   */
  public static MappedTokens open(Path file, Optional<TokenType> type) {
    InvalidInput.requireExists(file);
    GitLfs.requireContent(file);
    Optional<TokenFileHeader> header = TokenFileHeader.of(file);
    TokenType kept = type(file, header, type);
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long bytes = channel.size();
      if (bytes == 0 || bytes % kept.bytes() != 0) {
        throw new InvalidInput(
            "%s has %d bytes, and ids of %s take %d each: is it cut off, or of another type?"
                .formatted(file, bytes, kept.label(), kept.bytes()));
      }
      if (header.isPresent() && header.get().tokens() != bytes / kept.bytes()) {
        throw new InvalidInput(
            "%s has %d tokens and %s says %d: make it again (gemlab tokens)"
                .formatted(
                    file,
                    bytes / kept.bytes(),
                    TokenFileHeader.beside(file).getFileName(),
                    header.get().tokens()));
      }
      return new MappedTokens(
          file, header, kept, arena, channel.map(MapMode.READ_ONLY, 0, bytes, arena));
    } catch (IOException e) {
      arena.close();
      throw InvalidInput.unreadable(file, e);
    } catch (InvalidInput e) {
      arena.close();
      throw e;
    }
  }

  private static TokenType type(
      Path file, Optional<TokenFileHeader> header, Optional<TokenType> named) {
    if (header.isEmpty()) {
      return named.orElseThrow(
          () ->
              new InvalidInput(
                  "%s has no %s beside it that says what it holds; name the type of its ids (token_type: uint16), or make it with gemlab tokens"
                      .formatted(file, TokenFileHeader.beside(file).getFileName())));
    }
    TokenType type = header.get().type();
    if (named.isPresent() && named.get() != type) {
      throw new InvalidInput(
          "%s holds %s and the recipe says %s; leave token_type out"
              .formatted(file, type.label(), named.get().label()));
    }
    return type;
  }

  /** What it holds; empty where nothing but ids is known. */
  public Optional<TokenFileHeader> header() {
    return header;
  }

  @Override
  public long size() {
    return ids.byteSize() / type.bytes();
  }

  @Override
  public int at(long index) {
    return switch (type) {
      case UINT16 -> Short.toUnsignedInt(ids.get(UINT16, 2 * index));
      case UINT32 -> ids.get(UINT32, 4 * index);
    };
  }

  /**
   * The documents: each ends with EOS, or where there is no EOS in the file, begins with BOS.
   * Without either the file is one document.
   *
   * @param special ids of the tokenizer that made it
   * @throws InvalidInput if there are not as many as its header says
   */
  public TokenDocuments documents(SpecialIds special) {
    boolean ended = special.eos().isPresent() && at(size() - 1) == special.eos().getAsInt();
    long[] bounds = endedBy(special.eos());
    if (bounds.length == 2 && !ended) bounds = begunBy(special.bos());
    TokenDocuments documents = new TokenDocuments(this, bounds);
    if (header.isPresent() && header.get().documents() != documents.count()) {
      throw new InvalidInput(
          "%s has %d documents by BOS and EOS and %s says %d: make it again (gemlab tokens)"
              .formatted(
                  file,
                  documents.count(),
                  TokenFileHeader.beside(file).getFileName(),
                  header.get().documents()));
    }
    return documents;
  }

  private long[] endedBy(OptionalInt eos) {
    LongStream.Builder bounds = LongStream.builder().add(0);
    long last = size() - 1;
    for (long i = 0; i < last && eos.isPresent(); i++) {
      if (at(i) == eos.getAsInt()) bounds.add(i + 1);
    }
    return bounds.add(size()).build().toArray();
  }

  private long[] begunBy(OptionalInt bos) {
    LongStream.Builder bounds = LongStream.builder().add(0);
    for (long i = 1; i < size() && bos.isPresent(); i++) {
      if (at(i) == bos.getAsInt()) bounds.add(i);
    }
    return bounds.add(size()).build().toArray();
  }

  /** Unmaps the file. Nothing may read it afterwards. */
  @Override
  public void close() {
    arena.close();
  }
}
