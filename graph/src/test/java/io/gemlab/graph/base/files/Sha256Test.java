package io.gemlab.graph.base.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sha256Test {
  @TempDir Path folder;

  /** FIPS 180-2, B.1 and B.3: "abc", and a million times "a", which is no whole buffer. */
  @Test
  void isAsTheStandardHasIt() throws IOException {
    Path file = folder.resolve("file");
    Files.writeString(file, "abc");
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Sha256.of(file));
    Files.writeString(file, "a".repeat(1_000_000));
    assertEquals(
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", Sha256.of(file));
  }

  @Test
  void refusesWhatIsNotThere() {
    assertThrows(InvalidInput.class, () -> Sha256.of(folder.resolve("none")));
  }
}
