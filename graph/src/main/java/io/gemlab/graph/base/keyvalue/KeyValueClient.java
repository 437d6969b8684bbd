package io.gemlab.graph.base.keyvalue;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The store of a {@link KeyValueServer}, which may be on another host.
 *
 * <p>All calls share a connection. Once that is lost it stays so, and every call, also one that is
 * waiting, says it: a server that is gone has taken its values with it.
 */
public final class KeyValueClient implements KeyValueStore, AutoCloseable {
  /** How long after the time that a request may wait an answer may come. */
  private static final Duration ANSWER = Duration.ofSeconds(15);

  private static final Duration GREETING = Duration.ofSeconds(10);
  private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(100);

  private record Numbered(int number, Request request) {}

  private final String server;
  private final Socket socket;
  private final AtomicInteger numbers = new AtomicInteger();
  private final Thread sending =
      Thread.ofVirtual().name("key-value requests").unstarted(this::send);
  private final BlockingQueue<Numbered> outgoing = new LinkedBlockingQueue<>();
  private final Map<Integer, CompletableFuture<Answer>> awaited = new ConcurrentHashMap<>();

  /** Completed with the reason when the connection ends. */
  private final CompletableFuture<String> end = new CompletableFuture<>();

  private KeyValueClient(String server, Socket socket) {
    this.server = server;
    this.socket = socket;
  }

  /**
   * Connects, again and again until the server is there: the processes of a cluster start in any
   * order.
   *
   * @param address the server's
   * @param patience how long to try
   * @throws KeyValueConnectionException if it isn't there in time
   * @throws InvalidInput if it refuses the token
   */
  public static KeyValueClient connect(
      InetSocketAddress address, ClusterToken token, Duration patience)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.NANOSECONDS.convert(patience);
    String server = "%s port %d".formatted(address.getHostString(), address.getPort());
    while (true) {
      try {
        return attempt(address, server, token);
      } catch (IOException e) {
        if (System.nanoTime() >= deadline) {
          throw new KeyValueConnectionException(
              "no server of keys and values at %s within %d s (%s)"
                  .formatted(server, patience.toSeconds(), reason(e)),
              e);
        }
        Thread.sleep(BETWEEN_ATTEMPTS);
      }
    }
  }

  private static KeyValueClient attempt(
      InetSocketAddress address, String server, ClusterToken token) throws IOException {
    Socket socket = new Socket();
    try {
      // Looked up again each time: a host's name may become known after the host was started.
      InetSocketAddress now = new InetSocketAddress(address.getHostString(), address.getPort());
      socket.setTcpNoDelay(true);
      socket.setKeepAlive(true);
      socket.connect(now, (int) GREETING.toMillis());
      if (!Greeting.enter(socket, token, GREETING)) {
        throw new InvalidInput(
            "the server of keys and values at %s refuses this process's token: give every process the same %s"
                .formatted(server, ClusterToken.VARIABLE));
      }
      KeyValueClient client = new KeyValueClient(server, socket);
      Thread.ofVirtual().name("key-value answers").start(client::receive);
      client.sending.start();
      return client;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case UnknownHostException _ -> "no host of this name is known";
      case SocketTimeoutException _ -> "no answer";
      case EOFException _ -> "the connection was closed";
      default -> e.getMessage();
    };
  }

  @Override
  public void put(String key, byte[] value) throws InterruptedException {
    InMemoryKeyValueStore.requireKey(key);
    InMemoryKeyValueStore.requireValue(key, value);
    ask(new Request.Put(key, value), Duration.ZERO);
  }

  @Override
  public byte[] get(String key, Duration timeout) throws TimeoutException, InterruptedException {
    InMemoryKeyValueStore.requireKey(key);
    Answer answer = ask(new Request.Get(key, timeout), timeout);
    if (answer.kind() == Answer.Kind.TIMED_OUT) throw InMemoryKeyValueStore.timedOut(key, timeout);
    return answer.bytes();
  }

  @Override
  public Optional<byte[]> tryGet(String key) throws InterruptedException {
    InMemoryKeyValueStore.requireKey(key);
    Answer answer = ask(new Request.TryGet(key), Duration.ZERO);
    return answer.kind() == Answer.Kind.ABSENT ? Optional.empty() : Optional.of(answer.bytes());
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param wait how long the server may wait before it answers
   */
  private Answer ask(Request request, Duration wait) throws InterruptedException {
    int number = numbers.incrementAndGet();
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    awaited.put(number, answer);
    // Whoever ends the connection does this too, and either sees the other.
    if (end.isDone()) answer.completeExceptionally(lost(null));
    outgoing.add(new Numbered(number, request));
    try {
      Answer given = answer.get(nanos(wait), TimeUnit.NANOSECONDS);
      if (given.kind() == Answer.Kind.REFUSED) throw new IllegalStateException(given.reason());
      return given;
    } catch (TimeoutException e) {
      end("doesn't answer any more");
      throw lost(e);
    } catch (ExecutionException e) {
      throw lost(e.getCause());
    } finally {
      awaited.remove(number);
    }
  }

  private static long nanos(Duration wait) {
    long most = Long.MAX_VALUE - ANSWER.toNanos();
    return Math.min(TimeUnit.NANOSECONDS.convert(wait), most) + ANSWER.toNanos();
  }

  private KeyValueConnectionException lost(Throwable cause) {
    return new KeyValueConnectionException(
        "the server of keys and values at %s %s".formatted(server, end.join()), cause);
  }

  private void send() {
    try {
      DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
      while (!end.isDone()) {
        Numbered next = outgoing.take();
        out.writeInt(next.number);
        next.request.write(out);
        if (outgoing.isEmpty()) out.flush();
      }
    } catch (IOException e) {
      end("can't be reached any more (%s)".formatted(reason(e)));
    } catch (InterruptedException e) {
      // The connection has ended.
    }
  }

  private void receive() {
    try {
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      while (true) {
        CompletableFuture<Answer> waiting = awaited.get(in.readInt());
        Answer answer = Answer.read(in);
        if (waiting != null) waiting.complete(answer);
      }
    } catch (EOFException e) {
      end("closed the connection");
    } catch (IOException e) {
      end("can't be reached any more (%s)".formatted(reason(e)));
    }
  }

  /** Ends the connection for a reason; the first one stays. */
  private void end(String reason) {
    end.complete(reason);
    try {
      socket.close();
    } catch (IOException e) {
      // It is given up in any case.
    }
    sending.interrupt();
    awaited.values().forEach(waiting -> waiting.completeExceptionally(lost(null)));
  }

  /** Ends the connection; calls that wait say so. */
  @Override
  public void close() {
    end("is no longer asked: its client was closed");
  }
}
