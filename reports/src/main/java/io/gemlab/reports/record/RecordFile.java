package io.gemlab.reports.record;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A protobuf message in a file, its checksum last. Protobuf itself takes a file that was cut at the
 * end of a field for a whole one; the checksum does not.
 */
final class RecordFile {
  /** The schema that this code writes, and the newest that it reads. */
  static final int SCHEMA = 1;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");

  /** Field 15 as a 32-bit number, in protobuf's encoding: 15 * 8 + 5. */
  private static final byte CHECKSUM_TAG = 0x7d;

  private static final int CHECKSUM_BYTES = 1 + Integer.BYTES;

  /** Larger than any record of ours; read whole, so a wrong file must not fill the memory. */
  private static final long LARGEST = 256L << 20;

  private static final String AGAIN =
      "delete it and repeat the experiment with --resume, which makes what is missing";

  private RecordFile() {}

  /**
   * The message as the file {@code name + suffix}.
   *
   * @param message without checksum
   */
  static SealedRecord seal(String name, String suffix, Message message) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "record name \""
              + name
              + "\" is not usable as a file name; use up to 200 letters, digits, '.', '_' and '-',"
              + " beginning with a letter or digit");
    }
    byte[] content = message.toByteArray();
    ByteBuffer sealed =
        ByteBuffer.allocate(content.length + CHECKSUM_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    sealed.put(content).put(CHECKSUM_TAG).putInt(checksum(content, content.length));
    return new SealedRecord(name + suffix, sealed.array());
  }

  /** Reads a message; refuses one that was damaged. */
  static <M extends Message> M read(Path file, Parser<M> parser) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new RecordException(file, "no such file", "give a file from a runs/ folder");
    }
    if (Files.size(file) > LARGEST) {
      throw RecordException.damaged(
          file, "larger than any run record (" + Files.size(file) + " bytes)", AGAIN);
    }
    byte[] bytes = Files.readAllBytes(file);
    int content = bytes.length - CHECKSUM_BYTES;
    if (content < 0 || bytes[content] != CHECKSUM_TAG) {
      throw RecordException.damaged(
          file, "cut short (" + bytes.length + " bytes, no checksum)", AGAIN);
    }
    int stored =
        ByteBuffer.wrap(bytes, content + 1, Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).getInt();
    if (stored != checksum(bytes, content)) {
      throw RecordException.damaged(file, "damaged (its checksum does not fit)", AGAIN);
    }
    try {
      return parser.parseFrom(bytes, 0, content);
    } catch (IOException e) {
      throw RecordException.damaged(file, "not a record (" + e.getMessage() + ")", AGAIN);
    }
  }

  /** Refuses a record of a newer Gemlab, which might mean something else. */
  static void checkSchema(Path file, int schema) throws RecordException {
    if (schema < 1 || schema > SCHEMA) {
      throw new RecordException(
          file,
          "written with schema " + schema + ", and this Gemlab reads 1 to " + SCHEMA,
          "use the Gemlab that wrote it");
    }
  }

  /** The files of a folder that have the suffix, by name. */
  static List<Path> list(Path folder, String suffix) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new RecordException(folder, "no such folder", "give the runs/ folder of an experiment");
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().endsWith(suffix)).sorted().toList();
    }
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
