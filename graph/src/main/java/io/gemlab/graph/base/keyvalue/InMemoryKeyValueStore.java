package io.gemlab.graph.base.keyvalue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A store of this process, for those who are in it and for whom a {@link KeyValueServer} lets in.
 */
public final class InMemoryKeyValueStore implements KeyValueStore {
  private static final long CAPACITY = 256L << 20;

  /** About what a map needs for an entry beside its bytes. */
  private static final int ENTRY = 64;

  private final Map<String, byte[]> values = new HashMap<>();
  private final long capacity;
  private long size;

  public InMemoryKeyValueStore() {
    this(CAPACITY);
  }

  InMemoryKeyValueStore(long capacity) {
    this.capacity = capacity;
  }

  @Override
  public synchronized void put(String key, byte[] value) {
    requireKey(key);
    requireValue(key, value);
    byte[] earlier = values.get(key);
    long more =
        earlier == null ? ENTRY + key.length() + value.length : value.length - earlier.length;
    if (size + more > capacity) {
      throw new IllegalStateException(
          "key %s of %d bytes doesn't fit: the store may hold %d bytes and has %d"
              .formatted(key, value.length, capacity, size));
    }
    values.put(key, value.clone());
    size += more;
    notifyAll();
  }

  @Override
  public synchronized byte[] get(String key, Duration timeout)
      throws TimeoutException, InterruptedException {
    requireKey(key);
    long deadline = System.nanoTime() + TimeUnit.NANOSECONDS.convert(timeout);
    while (!values.containsKey(key)) {
      long left = deadline - System.nanoTime();
      if (left <= 0) throw timedOut(key, timeout);
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return values.get(key).clone();
  }

  @Override
  public synchronized Optional<byte[]> tryGet(String key) {
    requireKey(key);
    return Optional.ofNullable(values.get(key)).map(byte[]::clone);
  }

  static TimeoutException timedOut(String key, Duration timeout) {
    return new TimeoutException(
        "key %s wasn't there within %d ms".formatted(key, TimeUnit.MILLISECONDS.convert(timeout)));
  }

  static void requireKey(String key) {
    int bytes = key.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > LONGEST_KEY) {
      throw new IllegalArgumentException(
          "a key has %d bytes, and may have %d".formatted(bytes, LONGEST_KEY));
    }
  }

  static void requireValue(String key, byte[] value) {
    if (value.length > LARGEST_VALUE) {
      throw new IllegalArgumentException(
          "the value of key %s has %d bytes, and a value may have %d"
              .formatted(key, value.length, LARGEST_VALUE));
    }
  }
}
