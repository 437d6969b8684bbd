package io.gemlab.graph.base.keyvalue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;

/**
 * What a server answers.
 *
 * @param bytes a value, or the reason of a refusal
 */
record Answer(Kind kind, byte[] bytes) {
  enum Kind {
    /** A put is done, or this is the value. */
    DONE,
    /** There is no such key now. */
    ABSENT,
    /** There was no such key in time. */
    TIMED_OUT,
    /** The server has no room for it. */
    REFUSED
  }

  static Answer of(Kind kind) {
    return new Answer(kind, new byte[0]);
  }

  static Answer refused(String reason) {
    return new Answer(Kind.REFUSED, reason.getBytes(StandardCharsets.UTF_8));
  }

  String reason() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  void write(DataOutputStream out) throws IOException {
    out.writeByte(kind.ordinal());
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static Answer read(DataInputStream in) throws IOException {
    int kind = in.readUnsignedByte();
    if (kind >= Kind.values().length) throw new ProtocolException("no answer has kind " + kind);
    return new Answer(
        Kind.values()[kind], Request.bytes(in, in.readInt(), KeyValueStore.LARGEST_VALUE));
  }
}
