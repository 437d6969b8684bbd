package io.gemlab.graph.base.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClusterTest {
  @Test
  void isReadAsItIsWritten() {
    Cluster cluster = Cluster.parse("first:2222,[::1]:2224", 1);
    assertEquals(2, cluster.size());
    assertEquals("worker 1 of 2 ([::1]:2224)", cluster.name(1));
    assertEquals("first", cluster.store().getHostString());
    assertEquals(2223, cluster.store().getPort());
    assertEquals("::1", cluster.workers().get(1).socket().getHostString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a:1 | 0 | --cluster has 1 worker; give two or more",
        "a:1,b:2,a:1 | 0 | --cluster has a:1 twice",
        "a:1,b:2 | 2 | --task is 2 and --cluster has 2 workers; give a number from 0 to 1",
        "a:1,b:2 | -1 | --task is -1",
        "a:1,b | 0 | --cluster has \"b\"; give host:port for each worker",
        "a:1,:2 | 0 | --cluster has \":2\"",
        "a:1,b:x | 0 | --cluster has \"b:x\"",
        "a:1,::1:2 | 0 | with brackets around an IPv6 address",
        "a:1,b:0 | 0 | with port 0; give a port from 1 to 65534",
        "a:1,b:65535 | 0 | with port 65535",
        "a:1,a:2 | 0 | --cluster has a:2, where worker 0 serves what all share"
      })
  void whatIsNoClusterIsRefused(String workers, int task, String message) {
    InvalidInput refusal = assertThrows(InvalidInput.class, () -> Cluster.parse(workers, task));
    assertTrue(refusal.getMessage().contains(message), refusal::getMessage);
  }

  @Test
  void aPortThatIsTakenIsRefused() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      Cluster cluster = Cluster.parse("localhost:" + taken.getLocalPort() + ",b:2", 0);
      InvalidInput refusal = assertThrows(InvalidInput.class, cluster::requireFreePort);
      assertTrue(
          refusal
              .getMessage()
              .startsWith("port %d of --task 0 can't be".formatted(taken.getLocalPort())),
          refusal::getMessage);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1,   false",
    "10.1.2.3,    false",
    "172.16.0.1,  false",
    "172.32.0.1,  true",
    "192.168.0.9, false",
    "169.254.1.1, false",
    "100.64.0.1,  true",
    "203.0.113.5, true",
    "::1,         false",
    "fe80::1,     false",
    "fd00::1,     false",
    "2001:db8::1, true"
  })
  void addressesThatAnybodyReachesAreTold(String address, boolean isPublic) throws IOException {
    assertEquals(isPublic, PublicAddresses.isPublic(InetAddress.getByName(address)));
  }
}
