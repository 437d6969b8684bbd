package io.gemlab.tpu.pjrt;

import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The files in the test resources' folder {@code pjrt}. */
public final class Resources {
  private Resources() {}

  public static byte[] bytes(String name) throws IOException {
    try (InputStream file = Resources.class.getResourceAsStream("/pjrt/" + name)) {
      return file.readAllBytes();
    }
  }

  static String text(String name) throws IOException {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  /**
   * The opcodes of a serialized module, of all its computations: HloModuleProto.computations 3,
   * .instructions 2, .opcode 2.
   */
  static List<String> opcodes(byte[] module) throws IOException {
    List<String> opcodes = new ArrayList<>();
    for (var computation : UnknownFieldSet.parseFrom(module).getField(3).getLengthDelimitedList()) {
      UnknownFieldSet fields = UnknownFieldSet.parseFrom(computation);
      for (var instruction : fields.getField(2).getLengthDelimitedList()) {
        opcodes.add(
            UnknownFieldSet.parseFrom(instruction)
                .getField(2)
                .getLengthDelimitedList()
                .getFirst()
                .toStringUtf8());
      }
    }
    return opcodes;
  }
}
