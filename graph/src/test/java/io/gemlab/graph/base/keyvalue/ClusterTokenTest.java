package io.gemlab.graph.base.keyvalue;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a token comes from, and what becomes of it. */
final class ClusterTokenTest {
  private static final String SECRET = "0123456789abcdef";
  private static final byte[] CHALLENGE = "a challenge".getBytes(US_ASCII);

  /** By {@code printf 'a challenge' | openssl dgst -sha256 -hmac 0123456789abcdef}. */
  private static final String PROOF =
      "48e6d2f909ad816ce2cf989f3b92bdd1cf42aa50293609759de2f78f6ea9d834";

  @TempDir Path folder;

  @Test
  void provesByHmac() {
    ClusterToken token = ClusterToken.of(Map.of(ClusterToken.VARIABLE, SECRET));
    assertEquals(PROOF, HexFormat.of().formatHex(token.proof(CHALLENGE)));
  }

  @Test
  void comesFromTheEnvironmentOrAFileThatItNames() throws Exception {
    Path file = Files.writeString(folder.resolve("token"), SECRET + "\n");
    byte[] fromFile =
        ClusterToken.of(Map.of(ClusterToken.FILE_VARIABLE, file.toString())).proof(CHALLENGE);
    byte[] fromVariable = ClusterToken.of(Map.of(ClusterToken.VARIABLE, SECRET)).proof(CHALLENGE);
    assertArrayEquals(fromVariable, fromFile);
  }

  @Test
  void isHandedToAChildProcess() {
    ClusterToken token = ClusterToken.random();
    Map<String, String> environment = new HashMap<>(Map.of(ClusterToken.FILE_VARIABLE, "other"));
    token.putInto(environment);
    assertArrayEquals(token.proof(CHALLENGE), ClusterToken.of(environment).proof(CHALLENGE));
    assertFalse(Arrays.equals(token.proof(CHALLENGE), ClusterToken.random().proof(CHALLENGE)));
  }

  @Test
  void whatIsNoTokenIsRefusedWithoutShowingIt() throws Exception {
    Path file = Files.writeString(folder.resolve("lines"), SECRET + "\n" + SECRET);
    refused("need a token that they share: set GEMLAB_CLUSTER_TOKEN", Map.of());
    refused(
        "GEMLAB_CLUSTER_TOKEN has 6 characters in 1 lines, which is no token: give one line of 16 or more",
        Map.of(ClusterToken.VARIABLE, "secret"));
    refused("in 2 lines", Map.of(ClusterToken.FILE_VARIABLE, file.toString()));
    refused("does not exist", Map.of(ClusterToken.FILE_VARIABLE, file + ".missing"));
    refused(
        "are both set",
        Map.of(ClusterToken.VARIABLE, SECRET, ClusterToken.FILE_VARIABLE, file.toString()));
  }

  private static void refused(String expected, Map<String, String> environment) {
    String message =
        assertThrows(InvalidInput.class, () -> ClusterToken.of(environment)).getMessage();
    assertTrue(message.contains(expected), message);
    assertFalse(message.contains(SECRET) || message.contains("secret"), message);
  }
}
