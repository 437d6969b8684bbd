package io.gemlab.graph.base.text;

import io.gemlab.graph.base.files.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** Encodes a corpus into a token file, which may be larger than memory. */
public final class TokenFileWriter {
  private static final int BLOCK = 1 << 20;

  private TokenFileWriter() {}

  /**
   * A tokenizer and what it is called in the header.
   *
   * @param name its file, or {@code bytes}
   * @param sha256 of its file; empty for bytes
   */
  public record NamedTokenizer(Tokenizer tokenizer, String name, String sha256) {}

  /**
   * Writes {@code file}, and then its header. Where the process is killed between the two the file
   * has no header, and a reader asks for its type.
   *
   * @param progress receives the number of tokens so far
   * @return the header
   * @throws io.gemlab.graph.base.input.InvalidInput if the corpus can't be read
   * @throws IOException if the file can't be written
   */
  public static TokenFileHeader write(
      Corpus corpus, NamedTokenizer by, Path file, LongConsumer progress) throws IOException {
    TokenType type = TokenType.of(by.tokenizer().vocabularySize());
    String corpusSha256 = corpus.sha256();
    WholeFile.deleteLeftovers(file);
    TokenFileHeader[] header = new TokenFileHeader[1];
    WholeFile.write(
        file,
        channel -> {
          Blocks blocks = new Blocks(channel, type, progress);
          CorpusEncoder.encode(corpus, by.tokenizer(), blocks);
          blocks.flush();
          header[0] =
              new TokenFileHeader(
                  type,
                  by.tokenizer().vocabularySize(),
                  by.name(),
                  by.sha256(),
                  corpus.name(),
                  corpusSha256,
                  blocks.tokens,
                  blocks.documents);
          // The header of the file that this one replaces would be wrong for it.
          Files.deleteIfExists(TokenFileHeader.beside(file));
        });
    try {
      WholeFile.write(TokenFileHeader.beside(file), header[0].json());
    } catch (IOException e) {
      Files.delete(file);
      throw e;
    }
    return header[0];
  }

  /** Ids on their way to a file. */
  private static final class Blocks implements CorpusEncoder.Sink {
    private final FileChannel channel;
    private final TokenType type;
    private final LongConsumer progress;
    private final ByteBuffer block =
        ByteBuffer.allocateDirect(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    private long tokens;
    private long documents;

    Blocks(FileChannel channel, TokenType type, LongConsumer progress) {
      this.channel = channel;
      this.type = type;
      this.progress = progress;
    }

    @Override
    public void add(int... ids) throws IOException {
      for (int id : ids) {
        if (!block.hasRemaining()) flush();
        switch (type) {
          case UINT16 -> block.putShort((short) id);
          case UINT32 -> block.putInt(id);
        }
      }
      tokens += ids.length;
    }

    @Override
    public void endDocument() {
      documents++;
    }

    void flush() throws IOException {
      block.flip();
      while (block.hasRemaining()) channel.write(block);
      block.clear();
      progress.accept(tokens);
    }
  }
}
