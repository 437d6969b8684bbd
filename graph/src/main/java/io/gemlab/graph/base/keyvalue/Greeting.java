package io.gemlab.graph.base.keyvalue;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;

/**
 * How a client gets in: the server sends a random challenge behind its own name, the client the
 * proof that it has the token, the server one byte. Whoever sends anything else, or too slowly, is
 * hung up on; before the proof a server reads no more than as many bytes as it has.
 */
final class Greeting {
  private static final byte[] NAME = "gemlabkv1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int CHALLENGE = 16;
  private static final int PROOF = 32;
  private static final byte WELCOME = 1;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Greeting() {}

  /**
   * The server's side.
   *
   * @return whether the client has the token
   */
  static boolean letIn(Socket client, ClusterToken token, Duration patience) throws IOException {
    byte[] challenge = new byte[CHALLENGE];
    RANDOM.nextBytes(challenge);
    byte[] greeting = ByteBuffer.allocate(NAME.length + CHALLENGE).put(NAME).put(challenge).array();
    client.getOutputStream().write(greeting);
    byte[] proof = read(client, PROOF, patience);
    if (!MessageDigest.isEqual(token.proof(challenge), proof)) return false;
    client.getOutputStream().write(WELCOME);
    return true;
  }

  /**
   * The client's side.
   *
   * @return whether the server lets it in
   * @throws ProtocolException if it is another kind of server
   */
  static boolean enter(Socket server, ClusterToken token, Duration patience) throws IOException {
    byte[] greeting = read(server, NAME.length + CHALLENGE, patience);
    if (!Arrays.equals(greeting, 0, NAME.length, NAME, 0, NAME.length)) {
      throw new ProtocolException("what answers is another kind of server");
    }
    byte[] challenge = Arrays.copyOfRange(greeting, NAME.length, greeting.length);
    server.getOutputStream().write(token.proof(challenge));
    try {
      return read(server, 1, patience)[0] == WELCOME;
    } catch (EOFException e) {
      return false;
    }
  }

  /** So many bytes, all of them in time. */
  private static byte[] read(Socket socket, int count, Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    InputStream in = socket.getInputStream();
    byte[] bytes = new byte[count];
    int have = 0;
    while (have < count) {
      long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (left <= 0) throw new SocketTimeoutException("no greeting in time");
      socket.setSoTimeout((int) left);
      int read = in.read(bytes, have, count - have);
      if (read < 0) throw new EOFException();
      have += read;
    }
    socket.setSoTimeout(0);
    return bytes;
  }
}
