package io.gemlab.graph.base.files;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** SHA-256, which tells whether a file is still the one that it was. */
public final class Sha256 {
  private static final int PIECE = 1 << 20;

  private Sha256() {}

  /**
   * Of a file's content, 64 hexadecimal digits; the file may be larger than memory.
   *
   * @throws InvalidInput if it can't be read
   */
  public static String of(Path file) {
    MessageDigest digest = digest();
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(piece.clear()) >= 0) digest.update(piece.flip());
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Of files' contents, by their names in a folder, in the order given.
   *
   * @throws InvalidInput if one can't be read
   */
  public static Map<String, String> byName(Path folder, List<Path> files) {
    Map<String, String> hashes = new LinkedHashMap<>();
    for (Path file : files) hashes.put(folder.relativize(file).toString(), of(file));
    return hashes;
  }

  /** Of a text in UTF-8, 64 hexadecimal digits. */
  public static String of(String text) {
    Pieces pieces = new Pieces();
    pieces.add(text.getBytes(StandardCharsets.UTF_8));
    return pieces.hex();
  }

  /** Of bytes that come one after the other. */
  public static final class Pieces {
    private final MessageDigest digest = digest();

    public void add(byte... bytes) {
      digest.update(bytes);
    }

    /** Adds what is left of a buffer, which stays as it is. */
    public void add(ByteBuffer bytes) {
      digest.update(bytes.duplicate());
    }

    /** 64 hexadecimal digits; nothing can be added after. */
    public String hex() {
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
