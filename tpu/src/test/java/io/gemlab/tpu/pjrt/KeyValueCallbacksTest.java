package io.gemlab.tpu.pjrt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.keyvalue.ClusterToken;
import io.gemlab.graph.base.keyvalue.InMemoryKeyValueStore;
import io.gemlab.graph.base.keyvalue.KeyValueClient;
import io.gemlab.graph.base.keyvalue.KeyValueServer;
import io.gemlab.graph.base.keyvalue.KeyValueStore;
import io.gemlab.tpu.pjrt.PjrtError.Code;
import io.gemlab.tpu.pjrt.PjrtLayout.Function;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** A plugin's view of the store that its client was given. */
@Timeout(60)
final class KeyValueCallbacksTest {
  private final FakeDevices fake = new FakeDevices();

  @AfterEach
  void nothingIsLeft() {
    assertTrue(fake.alive().isEmpty(), () -> "alive: " + fake.alive());
    fake.close();
  }

  @Test
  void aPluginPutsAndGets() throws Exception {
    KeyValueStore store = new InMemoryKeyValueStore();
    byte[] large = new byte[1 << 20];
    new Random(3).nextBytes(large);
    try (PjrtClient _ = fake.open().client(List.of(), store)) {
      FakeKeyValues plugin = fake.keyValues;
      plugin.put("large", large);
      plugin.put("empty", new byte[0]);
      assertArrayEquals(large, plugin.get("large", 1000));
      assertArrayEquals(large, plugin.tryGet("large"));
      assertArrayEquals(new byte[0], plugin.get("empty", 0));
      plugin.put("large", bytes("overwritten"));
      assertArrayEquals(bytes("overwritten"), plugin.get("large", 0));
      // Other users of the store have other keys.
      assertEquals(Optional.empty(), store.tryGet("large"));
      assertArrayEquals(bytes("overwritten"), store.tryGet("pjrt/large").orElseThrow());
    }
  }

  @Test
  void keysMayBeAnyBytes() throws Exception {
    try (PjrtClient _ = fake.open().client(List.of(), new InMemoryKeyValueStore())) {
      fake.keyValues.put("\u00ff", bytes("1"));
      fake.keyValues.put("\u00fe\0", bytes("2"));
      assertArrayEquals(bytes("1"), fake.keyValues.tryGet("\u00ff"));
      assertArrayEquals(bytes("2"), fake.keyValues.tryGet("\u00fe\0"));
    }
  }

  @Test
  void whatGoesWrongIsThePluginsOwnKindOfError() {
    KeyValueStore broken =
        new KeyValueStore() {
          @Override
          public void put(String key, byte[] value) throws InterruptedException {
            throw new InterruptedException();
          }

          @Override
          public byte[] get(String key, Duration timeout) {
            throw new StackOverflowError();
          }

          @Override
          public Optional<byte[]> tryGet(String key) {
            throw new IllegalStateException("full");
          }
        };
    try (PjrtClient _ = fake.open().client(List.of(), new InMemoryKeyValueStore())) {
      FakeKeyValues plugin = fake.keyValues;
      fails(
          Code.DEADLINE_EXCEEDED,
          "key pjrt/a wasn't there within 20 ms",
          () -> plugin.get("a", 20));
      fails(Code.NOT_FOUND, "there is no key pjrt/a", () -> plugin.tryGet("a"));
      fails(Code.INVALID_ARGUMENT, "a key has", () -> plugin.put("k".repeat(1020), new byte[1]));
    }
    try (PjrtClient _ = fake.open().client(List.of(), broken)) {
      FakeKeyValues plugin = fake.keyValues;
      fails(Code.CANCELLED, "null", () -> plugin.put("a", new byte[1]));
      fails(Code.INTERNAL, "null", () -> plugin.get("a", 1));
      fails(Code.RESOURCE_EXHAUSTED, "full", () -> plugin.tryGet("a"));
    }
  }

  @Test
  void aLostServerIsSaid() throws Exception {
    ClusterToken token = ClusterToken.random();
    KeyValueServer server = KeyValueServer.onLoopback(token);
    try (KeyValueClient store =
            KeyValueClient.connect(server.address(), token, Duration.ofSeconds(30));
        PjrtClient _ = fake.open().client(List.of(), store)) {
      fake.keyValues.put("a", bytes("1"));
      server.close();
      fails(Code.UNAVAILABLE, "the server of keys and values at", () -> fake.keyValues.tryGet("a"));
    }
  }

  /** As a plugin's threads do: one waits for what another puts. */
  @Test
  void aGetThatWaitsHoldsUpNoPut() throws Exception {
    try (PjrtClient _ = fake.open().client(List.of(), new InMemoryKeyValueStore());
        var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      Future<byte[]> waiting = threads.submit(() -> fake.keyValues.get("late", 30_000));
      fake.keyValues.put("late", bytes("1"));
      assertArrayEquals(bytes("1"), waiting.get(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void oneHostHasNoCallbacks() {
    try (PjrtClient _ = fake.open().client(List.of())) {
      assertFalse(fake.keyValues.areGiven());
    }
  }

  @Test
  void aClientThatIsNotMadeKeepsNothing() {
    fake.on(
        Function.CLIENT_CREATE,
        a -> {
          throw new FakePlugin.Failure(Code.DEADLINE_EXCEEDED, "host 1 didn't come");
        });
    PjrtError error =
        assertThrows(
            PjrtError.class, () -> fake.open().client(List.of(), new InMemoryKeyValueStore()));
    assertEquals(Code.DEADLINE_EXCEEDED, error.code());
  }

  private static void fails(Code code, String message, Executable call) {
    FakePlugin.Failure failure = assertThrows(FakePlugin.Failure.class, call);
    assertEquals(code.ordinal(), failure.code);
    assertTrue(failure.getMessage().startsWith(message), failure::getMessage);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
