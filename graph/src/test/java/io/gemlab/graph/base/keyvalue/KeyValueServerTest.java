package io.gemlab.graph.base.keyvalue;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Server and client over loopback; and those who are no clients. */
@Timeout(60)
final class KeyValueServerTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final int GREETING = "gemlabkv1\n".length() + 16;

  private final ClusterToken token = ClusterToken.random();
  private final KeyValueServer server =
      KeyValueServer.listen(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          token,
          new KeyValueServer.Limits(40, Duration.ofMillis(500)));
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void close() {
    server.close();
    threads.shutdownNow();
  }

  private KeyValueClient client() throws InterruptedException {
    return KeyValueClient.connect(server.address(), token, LONG);
  }

  @Test
  void whatOneClientPutsAnotherGets() throws Exception {
    byte[] large = new byte[KeyValueStore.LARGEST_VALUE];
    new Random(1).nextBytes(large);
    try (KeyValueClient one = client();
        KeyValueClient other = client()) {
      one.put("topology/0", bytes("a host"));
      one.put("größe", large);
      one.put("", new byte[0]);
      assertArrayEquals(bytes("a host"), other.get("topology/0", Duration.ZERO));
      assertArrayEquals(large, other.tryGet("größe").orElseThrow());
      assertArrayEquals(new byte[0], other.get("", LONG));
      assertEquals(Optional.empty(), other.tryGet("topology/1"));
      assertArrayEquals(bytes("a host"), server.store().get("topology/0", LONG));
    }
  }

  @Test
  void aPutReplacesWhatWasThere() throws Exception {
    try (KeyValueClient client = client()) {
      for (int beat = 0; beat < 100; beat++) client.put("heartbeat/1", bytes("" + beat));
      assertArrayEquals(bytes("99"), client.get("heartbeat/1", LONG));
    }
  }

  @Test
  void aGetWaitsForThePutAndHoldsUpNothing() throws Exception {
    try (KeyValueClient client = client()) {
      List<Future<byte[]>> waiting = new ArrayList<>();
      for (int i = 0; i < 50; i++) waiting.add(threads.submit(() -> client.get("late", LONG)));
      client.put("other", bytes("1"));
      assertArrayEquals(bytes("1"), client.tryGet("other").orElseThrow());
      assertFalse(waiting.stream().anyMatch(Future::isDone));
      client.put("late", bytes("2"));
      for (Future<byte[]> each : waiting) assertArrayEquals(bytes("2"), within(each));
    }
  }

  @Test
  void aGetEndsWhenItsTimeIsOver() throws Exception {
    try (KeyValueClient client = client()) {
      TimeoutException e = assertThrows(TimeoutException.class, () -> client.get("never", SHORT));
      assertEquals("key never wasn't there within 20 ms", e.getMessage());
      assertThrows(TimeoutException.class, () -> client.get("never", Duration.ofMillis(-1)));
      client.put("after", bytes("it goes on"));
    }
  }

  @Test
  void thirtyTwoClientsMeet() throws Exception {
    int count = 32;
    Callable<String> host =
        () -> {
          try (KeyValueClient client = client()) {
            String own = Thread.currentThread().threadId() + "";
            client.put("host/" + own, bytes(own));
            // Every one has to be counted before the last one may go.
            synchronized (this) {
              int before = client.tryGet("count").map(v -> Integer.parseInt(text(v))).orElse(0);
              client.put("count", bytes("" + (before + 1)));
              if (before + 1 == count) client.put("all", bytes("here"));
            }
            return text(client.get("all", LONG)) + text(client.get("host/" + own, LONG)) + own;
          }
        };
    List<Future<String>> hosts = new ArrayList<>();
    for (int i = 0; i < count; i++) hosts.add(threads.submit(host));
    for (Future<String> each : hosts) assertTrue(within(each).matches("here(\\d+)\\1"));
  }

  @Test
  void aClientMayStartBeforeItsServer() throws Exception {
    InetSocketAddress address;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = (InetSocketAddress) free.getLocalSocketAddress();
    }
    Future<KeyValueClient> early =
        threads.submit(() -> KeyValueClient.connect(address, token, LONG));
    Thread.sleep(50);
    assertFalse(early.isDone());
    try (KeyValueServer late = KeyValueServer.listen(address, token);
        KeyValueClient client = within(early)) {
      client.put("a", bytes("b"));
      assertArrayEquals(bytes("b"), late.store().tryGet("a").orElseThrow());
    }
    KeyValueConnectionException e =
        assertThrows(
            KeyValueConnectionException.class, () -> KeyValueClient.connect(address, token, SHORT));
    assertEquals(
        "no server of keys and values at %s port %d within 0 s (Connection refused)"
            .formatted(address.getHostString(), address.getPort()),
        e.getMessage());
  }

  @Test
  void anotherTokenIsRefusedAtOnce() throws Exception {
    InvalidInput e =
        assertThrows(
            InvalidInput.class,
            () -> KeyValueClient.connect(server.address(), ClusterToken.random(), LONG));
    assertTrue(e.getMessage().endsWith("give every process the same GEMLAB_CLUSTER_TOKEN"));
    try (KeyValueClient client = client()) {
      client.put("a", bytes("the others go on"));
    }
  }

  @Test
  void aServerThatEndsIsToldToWhoeverWaitsAndToWhoeverAsksAfterwards() throws Exception {
    try (KeyValueClient client = client()) {
      Future<byte[]> waiting = threads.submit(() -> client.get("never", LONG));
      client.put("a", bytes("b"));
      server.close();
      ExecutionException e = assertThrows(ExecutionException.class, () -> within(waiting));
      assertInstanceOf(KeyValueConnectionException.class, e.getCause());
      String message =
          assertThrows(KeyValueConnectionException.class, () -> client.put("a", bytes("c")))
              .getMessage();
      assertTrue(
          message.matches(
              "the server of keys and values at \\S+ port \\d+ (closed the connection|can't be reached any more .*)"),
          message);
    }
  }

  @Test
  void aClientThatIsClosedSaysSo() throws Exception {
    KeyValueClient client = client();
    client.close();
    client.close();
    String message =
        assertThrows(KeyValueConnectionException.class, () -> client.tryGet("a")).getMessage();
    assertTrue(message.endsWith("is no longer asked: its client was closed"), message);
  }

  @Test
  void keysAndValuesHaveBounds() throws Exception {
    String longest = "k".repeat(KeyValueStore.LONGEST_KEY);
    try (KeyValueClient client = client()) {
      client.put(longest, bytes("fits"));
      assertArrayEquals(bytes("fits"), client.get(longest, LONG));
      assertThrows(IllegalArgumentException.class, () -> client.tryGet(longest + "k"));
      byte[] tooLarge = new byte[KeyValueStore.LARGEST_VALUE + 1];
      assertThrows(IllegalArgumentException.class, () -> client.put("a", tooLarge));
      byte[] largest = new byte[KeyValueStore.LARGEST_VALUE];
      IllegalStateException full =
          assertThrows(
              IllegalStateException.class,
              () -> {
                for (int i = 0; i < 100; i++) client.put("key " + i, largest);
              });
      assertTrue(full.getMessage().contains("key 15 of 16777216 bytes doesn't fit"));
      assertArrayEquals(largest, client.get("key 14", LONG));
      client.put("key 0", new byte[0]);
      client.put("key 15", largest);
    }
  }

  @Test
  void noMoreThanSoManyRequestsWait() throws Exception {
    try (KeyValueClient client = client()) {
      List<Future<byte[]>> waiting = new ArrayList<>();
      for (int i = 0; i < 257; i++) waiting.add(threads.submit(() -> client.get("late", LONG)));
      while (waiting.stream().noneMatch(Future::isDone)) Thread.sleep(1);
      client.put("late", bytes("1"));
      int refused = 0;
      for (Future<byte[]> each : waiting) {
        try {
          within(each);
        } catch (ExecutionException e) {
          assertEquals("256 requests wait already", e.getCause().getMessage());
          refused++;
        }
      }
      assertEquals(1, refused);
    }
  }

  static List<byte[]> strangers() {
    byte[] noise = new byte[1 << 16];
    new Random(7).nextBytes(noise);
    return List.of(
        noise,
        bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n000000"),
        new byte[32],
        new byte[0]);
  }

  /** The last one says nothing, and is hung up on all the same. */
  @ParameterizedTest
  @MethodSource("strangers")
  void aStrangerHearsTheGreetingAndNothingElse(byte[] words) throws Exception {
    try (Socket stranger = socket()) {
      say(stranger, words);
      assertTrue(heard(stranger) <= GREETING);
    }
    try (KeyValueClient client = client()) {
      client.put("a", bytes("the others go on"));
    }
  }

  static List<byte[]> badRequests() {
    byte[] noise = new byte[1 << 12];
    new Random(8).nextBytes(noise);
    return List.of(
        noise,
        request(1, Short.MAX_VALUE, new byte[0], 3), // a key that is too long
        request(1, 2, new byte[] {(byte) 0xff, (byte) 0xfe}, 3), // a key that is no text
        request(1, 1, bytes("k"), 4), // no such kind
        request(1, 1, bytes("k"), 1, 0x7f, 0xff, 0xff, 0xff), // a value of 2 GiB
        request(1, 1, bytes("k"), 1, 0xff, 0xff, 0xff, 0xff), // a value of -1 bytes
        Arrays.copyOf(request(1, 9, bytes("k"), 3), 8)); // the end in the middle of a key
  }

  @ParameterizedTest
  @MethodSource("badRequests")
  void whoAsksForNothingThatThereIsIsHungUpOn(byte[] words) throws Exception {
    try (Socket client = socket()) {
      assertTrue(enter(client));
      say(client, words);
      client.shutdownOutput();
      assertEquals(0, heard(client));
    }
    try (KeyValueClient client = client()) {
      client.put("a", bytes("the others go on"));
    }
  }

  @Test
  void whoNeverReadsHoldsUpHimself() throws Exception {
    server.store().put("large", new byte[KeyValueStore.LARGEST_VALUE]);
    try (Socket deaf = socket();
        KeyValueClient client = client()) {
      assertTrue(enter(deaf));
      for (int i = 0; i < 10; i++) say(deaf, request(i, 5, bytes("large"), 3));
      client.put("a", bytes("the others go on"));
    }
  }

  @Test
  void noMoreThanSoManyConnectionsAreOpen() throws Exception {
    List<Socket> all = new ArrayList<>();
    try {
      for (int i = 0; i < 40; i++) {
        all.add(socket());
        assertTrue(enter(all.getLast()));
      }
      try (Socket late = socket()) {
        assertEquals(0, heard(late));
      }
      KeyValueConnectionException e =
          assertThrows(
              KeyValueConnectionException.class,
              () -> KeyValueClient.connect(server.address(), token, SHORT));
      assertTrue(e.getMessage().endsWith("(the connection was closed)"), e.getMessage());
    } finally {
      for (Socket each : all) each.close();
    }
    client().close();
  }

  @Test
  void anotherKindOfServerIsNamed() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      threads.submit(
          () -> {
            try (Socket client = other.accept()) {
              say(client, new byte[GREETING]);
            }
            return null;
          });
      KeyValueConnectionException e =
          assertThrows(
              KeyValueConnectionException.class,
              () ->
                  KeyValueClient.connect(
                      (InetSocketAddress) other.getLocalSocketAddress(), token, Duration.ZERO));
      assertTrue(e.getMessage().endsWith("(what answers is another kind of server)"));
    }
  }

  @Test
  void listensAtOneAddress() {
    assertTrue(server.address().getAddress().isLoopbackAddress());
    InvalidInput every =
        assertThrows(
            InvalidInput.class,
            () -> KeyValueServer.listen(new InetSocketAddress("0.0.0.0", 0), token));
    assertEquals(
        "0.0.0.0 stands for every address of this machine: give the one that the other hosts reach it by",
        every.getMessage());
    InvalidInput taken =
        assertThrows(InvalidInput.class, () -> KeyValueServer.listen(server.address(), token));
    assertTrue(taken.getMessage().endsWith("give an address of this machine and a free port"));
  }

  /** A request: its number, its key's length as it is said, its key, and what follows. */
  private static byte[] request(int number, int length, byte[] key, int... rest) {
    ByteBuffer bytes = ByteBuffer.allocate(6 + key.length + rest.length);
    bytes.putInt(number).putShort((short) length).put(key);
    for (int each : rest) bytes.put((byte) each);
    return bytes.array();
  }

  private Socket socket() throws IOException {
    InetSocketAddress address = server.address();
    return new Socket(address.getAddress(), address.getPort());
  }

  private boolean enter(Socket client) throws IOException {
    return Greeting.enter(client, token, LONG);
  }

  private static void say(Socket socket, byte[] words) throws IOException {
    try {
      new DataOutputStream(socket.getOutputStream()).write(words);
    } catch (IOException e) {
      // Hung up on in the middle of a word.
    }
  }

  /** How many bytes come before the connection ends. */
  private static int heard(Socket socket) throws IOException {
    socket.setSoTimeout((int) LONG.toMillis());
    DataInputStream in = new DataInputStream(socket.getInputStream());
    int count = 0;
    try {
      while (in.read() >= 0) count++;
    } catch (SocketException e) {
      // Hung up on before all was read.
    }
    return count;
  }

  private static <T> T within(Future<T> future) throws Exception {
    return future.get(LONG.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, US_ASCII);
  }
}
