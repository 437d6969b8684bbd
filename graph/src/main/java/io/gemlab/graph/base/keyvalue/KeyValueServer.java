package io.gemlab.graph.base.keyvalue;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Serves a store to {@link KeyValueClient}s that have the token. It listens at one address and no
 * other, and answers nothing to whoever lacks the token or sends what is no request: they are hung
 * up on. Nothing that crosses is encrypted, so that the network has to be a private one.
 */
public final class KeyValueServer implements AutoCloseable {
  private static final int BACKLOG = 128;

  /** After the system had no room for a connection more. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  /**
   * What it takes.
   *
   * @param connections how many there may be at once, let in or not
   * @param greeting in what time a client has to show that it has the token
   */
  record Limits(int connections, Duration greeting) {
    static final Limits USUAL = new Limits(1024, Duration.ofSeconds(10));
  }

  private final ServerSocket listening;
  private final ClusterToken token;
  private final Limits limits;
  private final Semaphore places;
  private final InMemoryKeyValueStore store = new InMemoryKeyValueStore();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Thread accepting = Thread.ofVirtual().unstarted(this::accept);

  private KeyValueServer(ServerSocket listening, ClusterToken token, Limits limits) {
    this.listening = listening;
    this.token = token;
    this.limits = limits;
    places = new Semaphore(limits.connections);
  }

  /** Begins to listen at a free port, to processes of this machine alone. */
  public static KeyValueServer onLoopback(ClusterToken token) {
    return listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), token);
  }

  /**
   * Begins to listen.
   *
   * @param address one of this machine's; port 0 takes a free one
   * @throws InvalidInput if it is none, is every one, or somebody listens there already
   */
  public static KeyValueServer listen(InetSocketAddress address, ClusterToken token) {
    return listen(address, token, Limits.USUAL);
  }

  static KeyValueServer listen(InetSocketAddress address, ClusterToken token, Limits limits) {
    if (!address.isUnresolved() && address.getAddress().isAnyLocalAddress()) {
      throw new InvalidInput(
          "%s stands for every address of this machine: give the one that the other hosts reach it by"
              .formatted(address.getHostString()));
    }
    try {
      ServerSocket listening = new ServerSocket();
      try {
        listening.bind(address, BACKLOG);
      } catch (IOException | RuntimeException e) {
        listening.close();
        throw e;
      }
      KeyValueServer server = new KeyValueServer(listening, token, limits);
      server.accepting.start();
      return server;
    } catch (IOException e) {
      throw new InvalidInput(
          "can't listen at %s port %d (%s); give an address of this machine and a free port"
              .formatted(address.getHostString(), address.getPort(), e.getMessage()),
          e);
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  /** The store itself, for this process. */
  public KeyValueStore store() {
    return store;
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        open.add(client);
        threads.execute(() -> serve(client));
      } catch (IOException e) {
        if (!listening.isClosed()) pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(Socket client) {
    boolean hasPlace = places.tryAcquire();
    try (client) {
      if (!hasPlace) return;
      client.setTcpNoDelay(true);
      client.setKeepAlive(true);
      if (Greeting.letIn(client, token, limits.greeting)) new Connection(client, store).run();
    } catch (IOException e) {
      // The client is gone, or was none of ours: nobody is left to be told.
    } finally {
      open.remove(client);
      if (hasPlace) places.release();
    }
  }

  /** Stops listening, ends all connections, and comes back when nothing of it runs any more. */
  @Override
  public void close() {
    close(listening);
    join();
    open.forEach(KeyValueServer::close);
    threads.shutdownNow();
    threads.close();
  }

  private void join() {
    try {
      accepting.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void close(Closeable socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is given up in any case.
    }
  }
}
