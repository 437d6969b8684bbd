package io.gemlab.graph.base.cluster;

import io.gemlab.graph.base.input.InvalidInput;
import java.net.InetSocketAddress;

/**
 * Where a worker of a cluster listens.
 *
 * @param host a name or an address; one of IPv6 stands in brackets
 * @param port from 1
 */
public record WorkerAddress(String host, int port) {
  private static final int LAST_PORT = 65535;

  /**
   * Reads {@code host:port}.
   *
   * @throws InvalidInput if it is something else
   */
  static WorkerAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    boolean bare = host.contains(":") && !(host.startsWith("[") && host.endsWith("]"));
    if (host.isBlank() || bare || !text.substring(colon + 1).matches("\\d{1,5}")) {
      throw new InvalidInput(
          "--cluster has %s; give host:port for each worker, with brackets around an IPv6 address"
              .formatted(InvalidInput.shown(text)));
    }
    return new WorkerAddress(host, requirePort(text, text.substring(colon + 1)));
  }

  /** The port behind belongs to what worker 0 serves beside. */
  private static int requirePort(String text, String digits) {
    int port = Integer.parseInt(digits);
    if (port >= 1 && port < LAST_PORT) return port;
    throw new InvalidInput(
        "--cluster has %s with port %d; give a port from 1 to %d"
            .formatted(InvalidInput.shown(text), port, LAST_PORT - 1));
  }

  /** As a socket takes it, looked up when it is used. */
  InetSocketAddress socket() {
    return InetSocketAddress.createUnresolved(host.replaceAll("[\\[\\]]", ""), port);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
