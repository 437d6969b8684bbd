package io.gemlab.graph.base.input;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The small texts that Git puts where a large file belongs, when a repository is cloned without Git
 * LFS.
 *
 * @see <a href="https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md">the pointer's format</a>
 */
public final class GitLfs {
  public static final String DESCRIPTION = "a Git LFS pointer, not the file itself";
  public static final String REMEDY =
      "run git lfs install and git lfs pull in the clone, or download the model again";

  private static final byte[] BEGINNING =
      "version https://git-lfs.github.com/spec/v1".getBytes(StandardCharsets.US_ASCII);

  private GitLfs() {}

  /** Whether {@code file} is a pointer; a file that can't be read is none. */
  public static boolean isPointer(Path file) {
    try (InputStream stream = Files.newInputStream(file)) {
      return Arrays.equals(stream.readNBytes(BEGINNING.length), BEGINNING);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Checks that {@code file} is itself.
   *
   * @throws InvalidInput if it is a pointer
   */
  public static void requireContent(Path file) {
    if (isPointer(file)) throw new InvalidInput(file + " is " + DESCRIPTION + ": " + REMEDY);
  }
}
