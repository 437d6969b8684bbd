package io.gemlab.graph.base.keyvalue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * Bytes by name. Any number of threads may use one at once, and a call that waits holds up no
 * other.
 */
public interface KeyValueStore {
  /** Bytes of UTF-8 that a key may have. */
  int LONGEST_KEY = 1024;

  /** Bytes that a value may have. */
  int LARGEST_VALUE = 16 << 20;

  /**
   * Stores a value in place of the key's earlier one, if there is one.
   *
   * @throws IllegalArgumentException if key or value is too long
   * @throws IllegalStateException if the store is full
   * @throws KeyValueConnectionException if the store is elsewhere and can't be reached any more
   */
  void put(String key, byte[] value) throws InterruptedException;

  /**
   * A key's value, waited for where it isn't there yet.
   *
   * @throws TimeoutException if it isn't there in time
   * @throws IllegalArgumentException if the key is too long
   * @throws KeyValueConnectionException as above
   */
  byte[] get(String key, Duration timeout) throws TimeoutException, InterruptedException;

  /**
   * A key's value; empty if there is none now.
   *
   * @throws IllegalArgumentException if the key is too long
   * @throws KeyValueConnectionException as above
   */
  Optional<byte[]> tryGet(String key) throws InterruptedException;
}
