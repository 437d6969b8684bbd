package io.gemlab.tpu.pjrt.compile;

import static io.gemlab.tpu.pjrt.Fields.bytes;
import static io.gemlab.tpu.pjrt.Fields.text;

import io.gemlab.tpu.pjrt.CompileOptions;
import io.gemlab.tpu.pjrt.NamedValue;
import io.gemlab.tpu.pjrt.TopologySpec;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a compiling process is asked, as bytes from one JVM of ours to another. */
final class RequestMessage {
  private RequestMessage() {}

  static void write(CompileRequest request, DataOutputStream out) throws IOException {
    text(request.plugin().toAbsolutePath().toString(), out);
    text(request.topology().name(), out);
    out.writeInt(request.topology().options().size());
    for (NamedValue option : request.topology().options()) write(option, out);
    CompileOptions options = request.options();
    out.writeInt(options.numReplicas());
    out.writeInt(options.numPartitions());
    for (int id : options.deviceIds()) out.writeInt(id);
    out.writeInt(options.outputSharding().ordinal());
    bytes(request.hlo(), out);
  }

  static CompileRequest read(DataInputStream in) throws IOException {
    Path plugin = Path.of(text(in));
    String name = text(in);
    List<NamedValue> options = new ArrayList<>();
    for (int i = in.readInt(); i > 0; i--) options.add(readNamedValue(in));
    int numReplicas = in.readInt();
    int numPartitions = in.readInt();
    List<Integer> deviceIds = new ArrayList<>();
    for (int i = numReplicas * numPartitions; i > 0; i--) deviceIds.add(in.readInt());
    CompileOptions.OutputSharding sharding = CompileOptions.OutputSharding.values()[in.readInt()];
    return new CompileRequest(
        plugin,
        new TopologySpec(name, options),
        new CompileOptions(numReplicas, numPartitions, deviceIds, sharding),
        bytes(in));
  }

  private static void write(NamedValue value, DataOutputStream out) throws IOException {
    text(value.name(), out);
    switch (value) {
      case NamedValue.Text(_, String text) -> {
        out.writeByte('t');
        text(text, out);
      }
      case NamedValue.Whole(_, long whole) -> {
        out.writeByte('w');
        out.writeLong(whole);
      }
      case NamedValue.Wholes(_, List<Long> wholes) -> {
        out.writeByte('l');
        out.writeInt(wholes.size());
        for (long whole : wholes) out.writeLong(whole);
      }
      case NamedValue.Real(_, float real) -> {
        out.writeByte('r');
        out.writeFloat(real);
      }
      case NamedValue.Flag(_, boolean flag) -> {
        out.writeByte('f');
        out.writeBoolean(flag);
      }
    }
  }

  private static NamedValue readNamedValue(DataInputStream in) throws IOException {
    String name = text(in);
    byte kind = in.readByte();
    return switch (kind) {
      case 't' -> new NamedValue.Text(name, text(in));
      case 'w' -> new NamedValue.Whole(name, in.readLong());
      case 'l' -> {
        List<Long> wholes = new ArrayList<>();
        for (int i = in.readInt(); i > 0; i--) wholes.add(in.readLong());
        yield new NamedValue.Wholes(name, wholes);
      }
      case 'r' -> new NamedValue.Real(name, in.readFloat());
      case 'f' -> new NamedValue.Flag(name, in.readBoolean());
      default -> throw new IOException("a value of kind " + kind);
    };
  }
}
