package io.gemlab.graph.runtime;

import com.google.protobuf.CodedInputStream;
import io.gemlab.graph.base.files.CacheFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder where TensorFlow keeps the XLA programs of sessions, for other processes that need the
 * same. It knows a program by its HLO alone, so whatever else machine code depends on names the
 * folder ({@link MachineKey}).
 *
 * <p>TensorFlow 2.18 ends a run with "Serialized cache key does not match" at a file that was torn,
 * which a crash of the system leaves behind; such files are deleted first.
 */
final class ProgramCache {
  private ProgramCache() {}

  /**
   * The folder, without torn files; empty where programs can't be kept.
   *
   * @param checked whether somebody has just looked for torn ones: that reads all files
   */
  static Optional<Path> folder(boolean checked) {
    return MachineKey.find()
        .flatMap(key -> CacheFolder.of("xla/" + key))
        .filter(folder -> isNameable(folder) && (checked || deletesTorn(folder)));
  }

  /** Whether TensorFlow's flag can name a folder. */
  private static boolean isNameable(Path folder) {
    return folder.toString().matches("[-\\w./+@: ]+");
  }

  /** Deletes what was torn; false where that fails. */
  private static boolean deletesTorn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> torn =
          files
              .filter(file -> file.toString().endsWith(".pb"))
              .filter(ProgramCache::isTorn)
              .toList();
      for (Path file : torn) Files.deleteIfExists(file);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a file isn't, from its first byte to its last, fields of a protocol buffer. */
  static boolean isTorn(Path file) {
    try (InputStream bytes = Files.newInputStream(file)) {
      CodedInputStream fields = CodedInputStream.newInstance(bytes);
      int tag = fields.readTag();
      if (tag == 0) return true;
      while (tag != 0) {
        fields.skipField(tag);
        tag = fields.readTag();
      }
      return false;
    } catch (IOException e) {
      return Files.exists(file); // another process may have deleted it
    }
  }
}
