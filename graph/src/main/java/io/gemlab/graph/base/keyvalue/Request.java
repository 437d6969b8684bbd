package io.gemlab.graph.base.keyvalue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What a client asks for. */
sealed interface Request {
  byte PUT = 1;
  byte GET = 2;
  byte TRY_GET = 3;

  String key();

  record Put(String key, byte[] value) implements Request {}

  record Get(String key, Duration timeout) implements Request {}

  record TryGet(String key) implements Request {}

  default void write(DataOutputStream out) throws IOException {
    byte[] key = key().getBytes(StandardCharsets.UTF_8);
    out.writeShort(key.length);
    out.write(key);
    switch (this) {
      case Put(_, byte[] value) -> {
        out.writeByte(PUT);
        out.writeInt(value.length);
        out.write(value);
      }
      case Get(_, Duration timeout) -> {
        out.writeByte(GET);
        out.writeLong(TimeUnit.MILLISECONDS.convert(timeout));
      }
      case TryGet _ -> out.writeByte(TRY_GET);
    }
  }

  /**
   * Reads one.
   *
   * @throws IOException if it is none, or longer than a key and a value may be
   */
  static Request read(DataInputStream in) throws IOException {
    byte[] name = bytes(in, in.readUnsignedShort(), KeyValueStore.LONGEST_KEY);
    String key = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
    byte kind = in.readByte();
    return switch (kind) {
      case PUT -> new Put(key, bytes(in, in.readInt(), KeyValueStore.LARGEST_VALUE));
      case GET -> new Get(key, Duration.ofMillis(in.readLong()));
      case TRY_GET -> new TryGet(key);
      default -> throw new ProtocolException("no request has kind " + kind);
    };
  }

  /** So many bytes, for which memory is taken as they come. */
  static byte[] bytes(DataInputStream in, int count, int most) throws IOException {
    if (count < 0 || count > most) {
      throw new ProtocolException(count + " bytes, and there may be " + most);
    }
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) throw new EOFException();
    return bytes;
  }
}
