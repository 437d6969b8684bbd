package io.gemlab.tpu.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.keyvalue.ClusterToken;
import io.gemlab.graph.base.keyvalue.InMemoryKeyValueStore;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.tpu.device.Device;
import io.gemlab.tpu.device.HostPlace;
import io.gemlab.tpu.pjrt.FakeDevices;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices of several hosts, each a process of its own with a fake plugin, and one store. */
final class SeveralHostsTest {
  @TempDir private Path folder;

  @Test
  void twoProcessesDriveTheDevicesOfBoth() throws Exception {
    ClusterToken token = ClusterToken.random();
    String cluster = cluster();
    List<Process> hosts = new ArrayList<>();
    // The first is who serves, and may come last.
    for (int i : new int[] {1, 0}) {
      ProcessBuilder host =
          JavaProcess.of(HostProcess.class, List.of(), List.of(cluster, "" + i), log(i));
      token.putInto(host.environment());
      hosts.addFirst(host.start());
    }
    for (int i = 0; i < 2; i++) {
      assertTrue(hosts.get(i).waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, hosts.get(i).exitValue(), Files.readString(log(i)));
    }
    String device =
        "The device is a fake device and 3 more, kind Fake, of platform fake: plugin fake.so, PJRT"
            + " 0.90. 2 of them are here.";
    assertEquals(List.of(device, "[0] [11.0]", "[1] [22.0]"), lines(0));
    assertEquals(List.of(device, "[2] [33.0]", "[3] [44.0]"), lines(1));
  }

  /** Two workers of this machine, of which the first's port + 1 is free for its store. */
  private static String cluster() throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (ServerSocket store = new ServerSocket(0, 1, here)) {
      int first = store.getLocalPort() - 1;
      return "%s:%d,%1$s:%d".formatted(here.getHostAddress(), first, first - 1);
    }
  }

  /** A host that is to run something else would wait for the others forever. */
  @Test
  void hostsOfDifferentTasksAreRefusedByName() throws Exception {
    ClusterToken token = ClusterToken.random();
    String cluster = cluster();
    Thread other =
        Thread.ofVirtual()
            .start(
                () ->
                    assertThrows(
                        RuntimeException.class,
                        () -> join(Cluster.parse(cluster, 1), token, "two steps")));
    InvalidInput refusal =
        assertThrows(
            InvalidInput.class, () -> join(Cluster.parse(cluster, 0), token, "three steps"));
    assertTrue(
        refusal
            .getMessage()
            .endsWith(
                "runs two steps and this process three steps: start every host with the same bundle"
                    + " and flags"),
        refusal::getMessage);
    other.join();
  }

  private static void join(Cluster cluster, ClusterToken token, String task)
      throws InterruptedException {
    Hosts.join(cluster, token, task, _ -> {}, _ -> {}).close();
  }

  private Path log(int host) {
    return folder.resolve("host" + host);
  }

  private List<String> lines(int host) throws Exception {
    return Files.readAllLines(log(host)).stream()
        .filter(line -> line.startsWith("The device") || line.startsWith("["))
        .toList();
  }

  @Test
  void aProgramForAnotherNumberOfDevicesIsRefused() {
    try (FakeDevices fake = new FakeDevices()) {
      HostPlace alone = new HostPlace(0, 1, new InMemoryKeyValueStore());
      InvalidInput refusal =
          assertThrows(InvalidInput.class, () -> Device.of(fake.open(), List.of(), 4, alone));
      assertEquals(
          "fake.so sees 2 devices on 1 hosts, 2 of them here, and the program is for 4: give a"
              + " program for as many, and start every host with the same list",
          refusal.getMessage());
      InvalidInput uneven =
          assertThrows(
              InvalidInput.class,
              () ->
                  Device.open(
                      Path.of("any.so"), 5, new HostPlace(1, 2, new InMemoryKeyValueStore())));
      assertEquals(
          "5 devices can't be shared out to 2 hosts: give a mesh of a multiple of 2",
          uneven.getMessage());
    }
  }
}
