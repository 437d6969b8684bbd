package io.gemlab.graph.base.keyvalue;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret by which the processes of a cluster know each other. It comes from the environment or
 * from a file that the environment names, and never from the command line, which every user of a
 * machine can read. It doesn't cross the network: a client proves that it has it.
 */
public final class ClusterToken {
  /** Holds the token. */
  public static final String VARIABLE = "GEMLAB_CLUSTER_TOKEN";

  /** Names the file that holds it. */
  public static final String FILE_VARIABLE = "GEMLAB_CLUSTER_TOKEN_FILE";

  /** As many characters as 64 random bits need in hexadecimal. */
  private static final int SHORTEST = 16;

  private static final String ALGORITHM = "HmacSHA256";
  private static final int RANDOM_BYTES = 32;

  private final String secret;

  private ClusterToken(String secret) {
    this.secret = secret;
  }

  /**
   * The one that this process was started with.
   *
   * @throws InvalidInput if there is none, or none that is long enough
   */
  public static ClusterToken ofEnvironment() {
    return of(System.getenv());
  }

  static ClusterToken of(Map<String, String> environment) {
    String value = environment.get(VARIABLE);
    String file = environment.get(FILE_VARIABLE);
    if (value != null && file != null) {
      throw new InvalidInput(
          "%s and %s are both set: set one of them".formatted(VARIABLE, FILE_VARIABLE));
    }
    if (value != null) return of(VARIABLE, value);
    if (file != null) return of(FILE_VARIABLE + "'s " + file, read(Path.of(file)));
    throw new InvalidInput(
        "processes on several hosts need a token that they share: set %s to the same random text for each, such as that of `openssl rand -hex 32`, or %s to a file that holds it"
            .formatted(VARIABLE, FILE_VARIABLE));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw InvalidInput.unreadable(file, e);
    }
  }

  /** The token's text is in no message. */
  private static ClusterToken of(String where, String text) {
    String token = text.strip();
    if (token.length() < SHORTEST || token.lines().count() > 1) {
      throw new InvalidInput(
          "%s has %d characters in %d lines, which is no token: give one line of %d or more"
              .formatted(where, token.length(), token.lines().count(), SHORTEST));
    }
    return new ClusterToken(token);
  }

  /** A new one, for processes that this one starts. */
  public static ClusterToken random() {
    byte[] bytes = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new ClusterToken(HexFormat.of().formatHex(bytes));
  }

  /** Gives it to a process that will be started with this environment. */
  public void putInto(Map<String, String> environment) {
    environment.remove(FILE_VARIABLE);
    environment.put(VARIABLE, secret);
  }

  /** What only somebody who has the token can say to a challenge. */
  byte[] proof(byte[] challenge) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      return mac.doFinal(challenge);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }
}
