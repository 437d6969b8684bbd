package io.gemlab.graph.base.cluster;

import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;

/**
 * Addresses of this host that may be reached from anywhere: neither loopback nor link-local nor
 * private.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1918">RFC 1918, private addresses</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc4193">RFC 4193, unique local addresses</a>
 */
public final class PublicAddresses {
  private static final int UNIQUE_LOCAL = 0xfc;
  private static final int UNIQUE_LOCAL_MASK = 0xfe;

  private PublicAddresses() {}

  /** Those of this host, each with its interface's name, for people. */
  public static List<String> ofThisHost() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(
              one ->
                  one.inetAddresses()
                      .filter(PublicAddresses::isPublic)
                      .map(address -> "%s (%s)".formatted(address.getHostAddress(), one.getName())))
          .toList();
    } catch (SocketException e) {
      throw new UncheckedIOException("asking for this host's interfaces", e);
    }
  }

  static boolean isPublic(InetAddress address) {
    return !address.isLoopbackAddress()
        && !address.isLinkLocalAddress()
        && !address.isSiteLocalAddress() // of IPv4 that is RFC 1918
        && !address.isAnyLocalAddress()
        && !isUniqueLocal(address);
  }

  private static boolean isUniqueLocal(InetAddress address) {
    return address instanceof Inet6Address
        && (address.getAddress()[0] & UNIQUE_LOCAL_MASK) == UNIQUE_LOCAL;
  }
}
