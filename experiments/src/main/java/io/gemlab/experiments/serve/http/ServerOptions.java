package io.gemlab.experiments.serve.http;

import io.gemlab.graph.base.input.InvalidInput;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How to listen.
 *
 * @param host a name or an address of this machine
 * @param port 0 for any that is free
 * @param token what clients must send as bearer token; empty if anybody is answered
 * @param mostBodyBytes of a request at most
 * @param sign how often somebody who waits is sent a blank, so that one who has left is noticed
 * @param patience how long open requests may go on when the server is stopped
 */
public record ServerOptions(
    String host,
    int port,
    Optional<String> token,
    int mostBodyBytes,
    Duration sign,
    Duration patience) {
  private static final int MOST_BODY_BYTES = 8 << 20;
  private static final Duration SIGN = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final int MOST_PORT = 65_535;

  public ServerOptions {
    if (port < 0 || port > MOST_PORT) {
      throw new InvalidInput("the port is %d; give 0 to %d".formatted(port, MOST_PORT));
    }
    if (new InetSocketAddress(host, port).isUnresolved()) {
      throw new InvalidInput(
          "no host is called %s; give an address of this machine"
              .formatted(InvalidInput.shown(host)));
    }
  }

  /** Bodies of 8 MiB at most; whoever waits hears every two seconds; 20 seconds to end in. */
  public static ServerOptions of(String host, int port, Optional<String> token) {
    return new ServerOptions(host, port, token, MOST_BODY_BYTES, SIGN, PATIENCE);
  }

  /** Whether a request for a host of this name is meant for this server. */
  boolean isServed(String name) {
    return !address().getAddress().isLoopbackAddress()
        || LOOPBACK.contains(name)
        || name.equalsIgnoreCase(host);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(host, port);
  }
}
